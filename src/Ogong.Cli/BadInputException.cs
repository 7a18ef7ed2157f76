namespace Ogong.Cli;

/// <summary>Something the user gave cannot be used; the message is one line that says what and why.</summary>
internal sealed class BadInputException(string message) : Exception(message);
