namespace Ogong.Records;

/// <summary>Which promise about its bits a reply makes. The name goes into every signed record.</summary>
public enum NumericProfile : byte
{
    /// <summary><c>exact-1</c>: the same bits everywhere; audited by equality of hashes.</summary>
    Exact1 = 1,

    /// <summary><c>fast-1</c>: no bits promised; audited by tolerance.</summary>
    Fast1 = 2,
}

/// <summary>Names of <see cref="NumericProfile"/> values.</summary>
public static class NumericProfiles
{
    /// <summary>The name people and other programs use.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The profile is not one of the defined values.</exception>
    public static string Name(this NumericProfile profile) => profile switch
    {
        NumericProfile.Exact1 => "exact-1",
        NumericProfile.Fast1 => "fast-1",
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, "Unknown numeric profile."),
    };
}
