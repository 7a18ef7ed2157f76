using System.Diagnostics;
using System.Runtime.InteropServices;
using NUnit.Framework;
using Ogong.Native.Cuda;

namespace Ogong.Tests.Emulator;

/// <summary>
/// The CUDA driver, NVRTC and cuBLASLt of native/emulator, which the tests use instead of a GPU's. Device 0 is everybody's; whoever makes a device
/// fail takes one of their own in <see cref="Device"/>, because fixtures run side by side and a failed device fails for all.
/// </summary>
internal static class EmulatedCuda
{
    private const int DeviceCount = 8;

    private static nint _library;
    private static string? _missing = "the set-up of the tests has not run";

    private delegate int SetFunction([MarshalAs(UnmanagedType.LPUTF8Str)] string name, [MarshalAs(UnmanagedType.LPUTF8Str)] string value);

    private delegate nuint ReportFunction(byte[] text, nuint size);

    private delegate int LoseFunction(int device, int code);

    /// <summary>Which tests use which device. Those that make one fail have it alone.</summary>
    internal enum Device
    {
        Shared,
        Second,
        Faults,
        Order,
        Injection,
        Backend,
        OtherBackend,
        Bindings,
    }

    /// <summary>The report of the last fault of any device, which names the kernel, the block and the thread.</summary>
    public static string LastReport
    {
        get
        {
            byte[] text = new byte[4096];
            int length = (int)Function<ReportFunction>("ogong_emulator_last_report")(text, (nuint)text.Length);
            return System.Text.Encoding.UTF8.GetString(text, 0, Math.Min(length, text.Length - 1));
        }
    }

    /// <summary>Builds the library unless it is built, and points the library variables at it. A driver that somebody chose stays chosen.</summary>
    public static void Prepare()
    {
        string[] variables = ["OGONG_CUDA_DRIVER_PATH", "OGONG_NVRTC_PATH", "OGONG_CUBLASLT_PATH"];
        if (Environment.GetEnvironmentVariable("OGONG_REQUIRE_CUDA") == "1" || variables.Any(v => Environment.GetEnvironmentVariable(v) is not null))
        {
            _missing = "a device of the machine was asked for";
            return;
        }

        _missing = Build();
        if (_missing is not null)
            return;
        string path = Path.Combine(Repository.Root, "artifacts", "emulator", "libogong-emulator.so");
        _library = NativeLibrary.Load(path);
        Set("OGONG_EMULATOR_DEVICES", $"{DeviceCount}");
        foreach (string variable in variables)
            Environment.SetEnvironmentVariable(variable, path);
        // What one build of the emulator compiled is nothing to the next, and nothing to a real driver.
        Environment.SetEnvironmentVariable("OGONG_KERNEL_CACHE", Path.Combine(Repository.Root, "artifacts", "emulator", "kernels"));
    }

    /// <summary>Skips the test where the emulator cannot be built; in CI, fails it.</summary>
    public static CudaDevice Require(Device device = Device.Shared) =>
        _missing is null ? CudaDriver.Load().GetDevice((int)device) : throw Requirement.Missing($"an emulated device ({_missing})");

    /// <summary>Changes a setting, named as its environment variable is.</summary>
    public static void Set(string name, string value) =>
        Assert.That(Function<SetFunction>("ogong_emulator_set")(name, value), Is.Zero, $"{name}={value}");

    /// <summary>Makes calls fail until disposed: <c>call:n=code@device</c>.</summary>
    public static IDisposable Fail(string rules)
    {
        Set("OGONG_EMULATOR_FAIL", rules);
        return new Healing();
    }

    /// <summary>From now on, until its context is gone, every call to the device fails.</summary>
    public static void Lose(Device device, int code) =>
        Assert.That(Function<LoseFunction>("ogong_emulator_lose_device")((int)device, code), Is.Zero, $"{device} is in use");

    private static T Function<T>(string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(_library, name));

    private static string? Build()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return "the emulator is for x86-64 Linux";
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "g++"))))
            return "there is no g++";
        var start = new ProcessStartInfo("bash", [Path.Combine(Repository.Root, "eng", "build-emulator.sh")]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var build = Process.Start(start) ?? throw new InvalidOperationException("bash did not start.");
        var output = build.StandardOutput.ReadToEndAsync();
        string error = build.StandardError.ReadToEnd();
        build.WaitForExit();
        if (build.ExitCode != 0)
            throw new InvalidOperationException($"eng/build-emulator.sh failed: {output.Result}{error}");
        return null;
    }

    private sealed class Healing : IDisposable
    {
        public void Dispose() => Set("OGONG_EMULATOR_FAIL", "");
    }
}
