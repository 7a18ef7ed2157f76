using System.Text;
using NUnit.Framework;
using Ogong.Cli.Images;

namespace Ogong.Tests.Cli;

/// <summary>Pictures and arrays as other programs read them.</summary>
public sealed class ImageTests
{
    [TestCase(1, 1, 1)]
    [TestCase(7, 3, 1)]
    [TestCase(5, 4, 3)]
    [TestCase(300, 200, 3)]
    public void WhatIsWrittenIsRead(int width, int height, int channels)
    {
        byte[] samples = new byte[width * height * channels];
        new Random(1).NextBytes(samples);
        PngDecoder read = Written(new Raster(width, height, channels, samples));
        Assert.That((read.Width, read.Height, read.Channels), Is.EqualTo((width, height, channels)));
        Assert.That(read.Samples, Is.EqualTo(samples));
    }

    [Test]
    public void TheEndOfAFileIsTheBytesOfTheStandard()
    {
        using var stream = new MemoryStream();
        PngWriter.Write(stream, new Raster(1, 1, 1, [0]));
        Assert.That(Convert.ToHexString(stream.ToArray()[^12..]), Is.EqualTo("0000000049454E44AE426082"));
    }

    [Test]
    public void ValuesBecomeLevelsAndAreClamped()
    {
        Raster grey = Raster.FromValues([-1, 0, 1, 2, -3, 0.5f], 1, 2, 3);
        Assert.That((grey.Row(0).ToArray(), grey.Row(1).ToArray()), Is.EqualTo((new byte[] { 0, 128, 255 }, new byte[] { 255, 0, 191 })));
        Raster colour = Raster.FromValues([-1, 1, 0, 0, 1, -1], 3, 1, 2);
        Assert.That(colour.Row(0).ToArray(), Is.EqualTo(new byte[] { 0, 128, 255, 255, 128, 0 }));
    }

    [Test]
    public void PixelsBecomeSquares()
    {
        Raster large = new Raster(2, 1, 3, [1, 2, 3, 4, 5, 6]).Enlarge(2);
        Assert.That((large.Width, large.Height), Is.EqualTo((4, 2)));
        for (int y = 0; y < 2; y++) Assert.That(large.Row(y).ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6 }));
    }

    [Test]
    public void AStripHasAGapBetweenItsPictures()
    {
        Raster strip = Raster.Strip([new Raster(2, 2, 1, [1, 2, 3, 4]), new Raster(2, 2, 1, [5, 6, 7, 8])], gap: 1);
        Assert.That((strip.Row(0).ToArray(), strip.Row(1).ToArray()), Is.EqualTo((new byte[] { 1, 2, 128, 5, 6 }, new byte[] { 3, 4, 128, 7, 8 })));
        Assert.Throws<ArgumentException>(() => Raster.Strip([new Raster(1, 1, 1, [1]), new Raster(2, 1, 1, [1, 2])], gap: 1));
    }

    [TestCase(new[] { 3 }, "(3,)")]
    [TestCase(new[] { 1, 3, 1 }, "(1, 3, 1,)")]
    public void ArraysAreNumPys(int[] shape, string text)
    {
        string path = Path.GetTempFileName();
        NpyWriter.Write(path, shape, [1, -2, 0.5f]);
        byte[] file = File.ReadAllBytes(path);
        File.Delete(path);
        int length = file[8] | (file[9] << 8);
        Assert.That(((10 + length) % 64, file.Length), Is.EqualTo((0, 10 + length + 12)));
        Assert.That(Encoding.Latin1.GetString(file, 0, 8), Is.EqualTo("\u0093NUMPY\u0001\0"));
        Assert.That(Encoding.ASCII.GetString(file, 10, length).TrimEnd(' ', '\n'), Is.EqualTo($"{{'descr': '<f4', 'fortran_order': False, 'shape': {text}, }}"));
        Assert.That(file[10 + length - 1], Is.EqualTo((byte)'\n'));
        Assert.That(Convert.ToHexString(file[^12..]), Is.EqualTo("0000803F000000C00000003F"));
    }

    private static PngDecoder Written(Raster picture)
    {
        using var stream = new MemoryStream();
        PngWriter.Write(stream, picture);
        return PngDecoder.Read(stream.ToArray());
    }
}
