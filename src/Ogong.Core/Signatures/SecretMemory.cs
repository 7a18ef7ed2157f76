using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>Native memory for a secret: the garbage collector never copies it, and it is zeroed before it is freed.</summary>
/// <remarks>A <see cref="Lease"/> keeps it alive while it is in use, so disposing a key on one thread never zeroes it under a signature on another
/// (a nonce combined with a scalar zeroed half-way would give the nonce away).</remarks>
internal sealed unsafe class SecretMemory : SafeHandle
{
    private const int Alignment = 64;
    private readonly int size;

    public SecretMemory(int size)
        : base(0, ownsHandle: true)
    {
        this.size = size;
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)size, Alignment));
        CryptographicOperations.ZeroMemory(new Span<byte>((void*)handle, size));
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Access until the lease is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The owner was disposed.</exception>
    public Lease Borrow() => new(this);

    protected override bool ReleaseHandle()
    {
        CryptographicOperations.ZeroMemory(new Span<byte>((void*)handle, size));
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }

    /// <summary>A counted reference to the memory.</summary>
    internal readonly ref struct Lease : IDisposable
    {
        private readonly SecretMemory owner;

        public Lease(SecretMemory owner)
        {
            var taken = false;
            owner.DangerousAddRef(ref taken);
            this.owner = owner;
        }

        public Span<byte> Bytes => new((void*)owner.handle, owner.size);

        public void Dispose() => owner.DangerousRelease();
    }
}
