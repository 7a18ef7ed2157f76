using NUnit.Framework;
using Ogong.Cli;

namespace Ogong.Tests.Cli;

public class TokenListTests
{
    [TestCase("1,2,3", new[] { 1, 2, 3 })]
    [TestCase(" 1 ,\n2\t2147483647,", new[] { 1, 2, int.MaxValue })]
    [TestCase("0", new[] { 0 })]
    public void ListsAreRead(string text, int[] expected) => Assert.That(TokenList.Parse(text), Is.EqualTo(expected));

    [TestCase("", "empty")]
    [TestCase(",", "empty")]
    [TestCase("1,x", "item 2")]
    [TestCase("1,-2", "item 2")]
    [TestCase("1,2.0", "item 2")]
    [TestCase("2147483648", "item 1")]
    [TestCase("@", "file name")]
    public void OtherTextIsRefused(string text, string reason)
        => Assert.That(Assert.Throws<BadInputException>(() => TokenList.Parse(text))!.Message, Does.Contain(reason));

    [Test]
    public void FilesHoldLongLists()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, string.Join(",\n", Enumerable.Range(0, 100_000)));
            Assert.That(TokenList.Parse("@" + path), Has.Length.EqualTo(100_000));
        }
        finally
        {
            File.Delete(path);
        }
        Assert.Throws<FileNotFoundException>(() => TokenList.Parse("@" + path));
    }

    [Test]
    public void VocabularyIsChecked()
    {
        Assert.That(TokenList.Within([0, 9], 10), Is.EqualTo(new[] { 0, 9 }));
        Assert.That(Assert.Throws<BadInputException>(() => TokenList.Within([0, 10], 10))!.Message, Does.Contain("token 2, 10"));
    }
}
