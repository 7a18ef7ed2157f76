using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Ogong.Kernels.Host;

/// <summary>Identifies managed kernels, which have no source at run time: the module version id, which a deterministic build derives from sources and compiler, stands for them.</summary>
internal static class ManagedModule
{
    /// <summary>Hash of the assembly's name, version and module version id.</summary>
    public static string KernelHash()
    {
        Assembly assembly = typeof(ManagedModule).Assembly;
        string identity = $"{assembly.GetName().Name} {assembly.GetName().Version} {assembly.ManifestModule.ModuleVersionId}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
    }
}
