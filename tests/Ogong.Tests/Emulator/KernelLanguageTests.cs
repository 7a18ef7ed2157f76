using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Ogong.Tests.Emulator;

/// <summary>What threads of a block do together, against what the CUDA programming guide and the PTX ISA say of it.</summary>
[TestFixture]
internal sealed class KernelLanguageTests
{
    private const string Kernels = """
        extern "C" __global__ void shuffles(Args p) {
            unsigned lane = threadIdx.x % 32, *y = (unsigned*)p.y + threadIdx.x;
            y[0] = __shfl_sync(0xFFFFFFFFu, threadIdx.x, 5);
            y[64] = __shfl_up_sync(0xFFFFFFFFu, threadIdx.x, 3);
            y[128] = __shfl_down_sync(0xFFFFFFFFu, threadIdx.x, 3);
            y[192] = __shfl_xor_sync(0xFFFFFFFFu, threadIdx.x, 9);
            y[256] = __shfl_down_sync(0xFFFFFFFFu, threadIdx.x, 3, 8);
            y[320] = (unsigned)(__shfl_xor_sync(0xFFFFFFFFu, (u64)threadIdx.x << 33, 1) >> 33);
            y[384] = __shfl_sync(0xFFFFFFFFu, threadIdx.x, lane + 1, 16);
        }
        extern "C" __global__ void votes(Args p) {
            unsigned* y = (unsigned*)p.y + 5 * threadIdx.x;
            unsigned lane = threadIdx.x;
            y[0] = __ballot_sync(0xFFFFFFFFu, lane % 3 == 0);
            y[1] = __any_sync(0xFFFFFFFFu, lane == 7);
            y[2] = __all_sync(0xFFFFFFFFu, lane != 7);
            if (lane < 16) y[3] = __ballot_sync(0x0000FFFFu, lane % 2);
            else y[3] = __ballot_sync(0xFFFF0000u, lane % 4 == 0);
            if (lane == 31) return;
            y[4] = __ballot_sync(0xFFFFFFFFu, 1); // lane 31 has returned and is waited for by nobody
        }
        extern "C" __global__ void barriers(Args p) {
            __shared__ unsigned turn[2];
            unsigned* y = (unsigned*)p.y + 3 * threadIdx.x;
            if (threadIdx.x == 0) turn[0] = turn[1] = 0;
            __syncthreads();
            atomicAdd(&turn[0], 1u);
            __syncthreads();
            y[0] = turn[0];
            y[1] = __syncthreads_count(threadIdx.x % 5 == 0);
            y[2] = 2 * __syncthreads_or(threadIdx.x == 99) + __syncthreads_and(threadIdx.x != 99);
        }
        extern "C" __global__ void atomics(Args p) {
            unsigned* y = (unsigned*)p.y;
            if (threadIdx.x == 0 && blockIdx.x == 0) for (int i = 0; i < 4; i++) y[i] = i == 1 ? 0xFFFFFFFFu : 0u;
            __syncthreads();
            atomicAdd(&y[0], 1u), atomicMin(&y[1], threadIdx.x + 3), atomicMax(&y[2], threadIdx.x), atomicOr(&y[3], 1u << threadIdx.x);
        }
        extern "C" __global__ void multiply(Args p) {
            const unsigned short *a = (const unsigned short*)p.x, *b = a + 256;
            unsigned lane = threadIdx.x, fa[4], fb[2];
            float d[4] = {1.0f, 2.0f, 3.0f, 4.0f};
            for (int i = 0; i < 4; i++) {
                unsigned row = lane / 4 + (i % 2) * 8, column = lane % 4 * 2 + (i / 2) * 8;
                fa[i] = a[row * 16 + column] | (unsigned)a[row * 16 + column + 1] << 16;
            }
            for (int i = 0; i < 2; i++) {
                unsigned row = lane % 4 * 2 + i * 8, column = lane / 4;
                fb[i] = b[row * 8 + column] | (unsigned)b[(row + 1) * 8 + column] << 16;
            }
            ptx_mma_bf16_16816(d, fa, fb);
            for (int i = 0; i < 4; i++) p.y[lane * 4 + i] = d[i];
        }
        extern "C" __global__ void multiply_bytes(Args p) {
            const unsigned char *a = (const unsigned char*)p.x, *b = a + 512; // [16][32], [32][8]
            unsigned lane = threadIdx.x, fa[4], fb[2];
            for (int i = 0; i < 4; i++) fa[i] = *(const unsigned*)(a + (lane / 4 + i % 2 * 8) * 32 + lane % 4 * 4 + i / 2 * 16);
            for (int i = 0; i < 2; i++) {
                fb[i] = 0;
                for (int k = 0; k < 4; k++) fb[i] |= (unsigned)b[(lane % 4 * 4 + k + i * 16) * 8 + lane / 4] << 8 * k;
            }
            int c[4] = {1, 2, 3, 0x7FFFFFFF}, *d = (int*)p.y + 8 * lane;
            ptx_mma_s8_16832(d, fa, fb, c);
            ptx_mma_s8_16816(d + 4, fa + 2, fb[1], c);
        }
        extern "C" __global__ void copies(Args p) {
            DYNAMIC_SHARED(float, s);
            unsigned at = 4 * threadIdx.x;
            ptx_copy_async16(s + at, p.x + at, 16);
            ptx_copy_commit();
            ptx_copy_async16(s + 128 + at, p.x + 128 + at, threadIdx.x % 2 == 0 ? 16 : 4);
            ptx_copy_commit();
            if (p.n >= 1) ptx_copy_wait<1>();
            if (p.n >= 2) ptx_copy_wait<0>();
            __syncthreads();
            for (unsigned i = threadIdx.x; i < 256; i += blockDim.x) p.y[i] = s[i];
        }
        extern "C" __global__ void leftovers(Args p) {
            __shared__ float s[32];
            p.y[blockIdx.x * 32 + threadIdx.x] = s[threadIdx.x];
            s[threadIdx.x] = 1.0f;
        }
        extern "C" __global__ void conversions(Args p) {
            unsigned* y = (unsigned*)p.y;
            for (unsigned h = threadIdx.x; h < 65536; h += blockDim.x) {
                float f = ptx_f16_to_f32((unsigned short)h);
                y[h] = __float_as_uint(f) & 0xFFFF0000u | ptx_f32_to_f16(f);
                y[65536 + h] = __float_as_uint(f);
            }
        }
        extern "C" __global__ void indices(Args p) {
            unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
            unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
            ((unsigned*)p.y)[block * blockDim.x * blockDim.y * blockDim.z + thread] = block * 1000 + thread;
        }
        """;

    private EmulatedProgram _program = null!;

    [OneTimeSetUp]
    public void Create() => _program = new EmulatedProgram(Kernels);

    [OneTimeTearDown]
    public void Release() => _program?.Dispose();

    [Test]
    public void Shuffles_read_the_lane_they_name_and_their_own_where_it_is_outside()
    {
        uint[] y = _program.Run<uint>("shuffles", 1, 64, [], 448);
        for (int t = 0; t < 64; t++)
        {
            int lane = t % 32, warp = t - lane;
            int[] expected =
            [
                warp + 5,
                lane >= 3 ? t - 3 : t,
                lane <= 28 ? t + 3 : t,
                warp + (lane ^ 9),
                lane % 8 <= 4 ? t + 3 : t,
                warp + (lane ^ 1),
                warp + (lane & 16) + ((lane + 1) % 16),
            ];
            Assert.That(Enumerable.Range(0, 7).Select(i => (int)y[(64 * i) + t]), Is.EqualTo(expected), $"thread {t}");
        }
    }

    [Test]
    public void Votes_count_the_lanes_of_their_mask_that_have_not_returned()
    {
        uint[] y = _program.Run<uint>("votes", 1, 32, [], 160);
        for (int lane = 0; lane < 32; lane++)
        {
            Assert.That(y[5 * lane], Is.EqualTo(0x49249249u));
            Assert.That((y[(5 * lane) + 1], y[(5 * lane) + 2]), Is.EqualTo((1u, 0u)));
            Assert.That(y[(5 * lane) + 3], Is.EqualTo(lane < 16 ? 0xAAAAu : 0x11110000u));
            Assert.That(y[(5 * lane) + 4], Is.EqualTo(lane < 31 ? 0x7FFFFFFFu : 0xFFFFFFFFu), "what was never written is ones");
        }
    }

    [Test]
    public void Barriers_wait_for_every_thread_and_tell_all_the_same([Values(32, 100, 1024)] int threads)
    {
        uint[] y = _program.Run<uint>("barriers", 1, threads, [], 3 * threads);
        uint any = threads > 99 ? 2u : 0u, all = threads > 99 ? 0u : 1u;
        for (int t = 0; t < threads; t++)
            Assert.That(y[(3 * t)..((3 * t) + 3)], Is.EqualTo(new[] { (uint)threads, (uint)((threads + 4) / 5), any + all }), $"thread {t}");
    }

    [Test]
    public void Atomics_lose_nothing() =>
        Assert.That(_program.Run<uint>("atomics", 1, 32, [], 4), Is.EqualTo(new[] { 32u, 3u, 31u, 0xFFFFFFFFu }));

    /// <summary>The kernel gathers fragments as the PTX ISA lists them for mma.m16n8k16; the product is computed from the matrices.</summary>
    [Test]
    public void The_matrix_instruction_has_the_fragments_of_the_instruction_set()
    {
        var random = new Random(5);
        int[] values = [.. Enumerable.Range(0, 384).Select(_ => random.Next(-8, 9))]; // small integers: exact in any order of additions
        ushort[] bits = [.. values.Select(v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16))];
        float[] packed = new float[192];
        Buffer.BlockCopy(bits, 0, packed, 0, 768);
        float[] d = _program.Run("multiply", 1, 32, packed, 128);
        for (int lane = 0; lane < 32; lane++)
        {
            for (int i = 0; i < 4; i++)
            {
                int row = (lane >> 2) + (i < 2 ? 0 : 8), column = ((lane & 3) << 1) + (i & 1);
                int product = Enumerable.Range(0, 16).Sum(k => values[(16 * row) + k] * values[256 + (8 * k) + column]);
                Assert.That(d[(4 * lane) + i], Is.EqualTo((float)(product + i + 1)), $"row {row}, column {column}");
            }
        }
    }

    /// <summary>The same for mma.m16n8k32 of bytes, and m16n8k16 of its columns 16 to 31; sums wrap.</summary>
    [Test]
    public void The_matrix_instructions_of_bytes_have_the_fragments_of_the_instruction_set()
    {
        byte[] bytes = new byte[768];
        new Random(6).NextBytes(bytes);
        sbyte[] values = MemoryMarshal.Cast<byte, sbyte>(bytes.AsSpan()).ToArray();
        int[] d = _program.Run("multiply_bytes", 1, 32, MemoryMarshal.Cast<byte, int>(bytes.AsSpan()).ToArray(), 256);
        for (int lane = 0; lane < 32; lane++)
        {
            for (int i = 0; i < 4; i++)
            {
                int row = (lane >> 2) + (i < 2 ? 0 : 8), column = ((lane & 3) << 1) + (i & 1), start = i == 3 ? int.MaxValue : i + 1;
                int Product(int first) => Enumerable.Range(first, 32 - first).Sum(k => values[(32 * row) + k] * values[512 + (8 * k) + column]);
                Assert.That((d[(8 * lane) + i], d[(8 * lane) + 4 + i]), Is.EqualTo(unchecked((start + Product(0), start + Product(16)))), $"row {row}, column {column}");
            }
        }
    }

    [Test]
    public void An_asynchronous_copy_is_there_when_it_was_waited_for_and_not_before([Values(0, 1, 2)] int waits)
    {
        float[] x = [.. Enumerable.Range(0, 256).Select(i => (float)i)];
        float[] y = _program.Run("copies", 1, 32, x, 256, waits, 1024);
        for (int i = 0; i < 256; i++)
        {
            bool second = i >= 128, zero = second && i / 4 % 2 == 1 && i % 4 > 0; // odd threads copy four bytes of sixteen
            Assert.That(y[i], Is.EqualTo(waits <= (second ? 1 : 0) ? float.NaN : zero ? 0f : i), $"element {i}");
        }
    }

    [Test]
    public void Nothing_in_shared_memory_is_zero_or_left_by_another_block() =>
        Assert.That(_program.Run("leftovers", 3, 32, Array.Empty<float>(), 96), Is.All.NaN);

    [Test]
    public void Half_precision_converts_as_the_framework_does()
    {
        uint[] y = _program.Run<uint>("conversions", 1, 256, [], 131072);
        for (int h = 0; h < 65536; h++)
        {
            Half half = BitConverter.UInt16BitsToHalf((ushort)h);
            if (Half.IsNaN(half))
            {
                Assert.That((ushort)y[h], Is.EqualTo(0x7FFF));
                continue;
            }
            if (BitConverter.SingleToUInt32Bits((float)half) != y[65536 + h] || (ushort)y[h] != h) Assert.Fail($"0x{h:X4} became 0x{y[65536 + h]:X8} and 0x{(ushort)y[h]:X4}");
        }
    }

    [Test]
    public void Threads_and_blocks_count_x_first()
    {
        using var y = _program.Context.Allocate(24 * 24 * 4);
        _program.Stream.Launch(_program["indices"], new(2, 3, 4), new(4, 3, 2), 0, (0ul, y.Pointer, 0ul));
        Assert.That(_program.Download<uint>(y, 576), Is.EqualTo(Enumerable.Range(0, 576).Select(i => (uint)((i / 24 * 1000) + (i % 24)))));
    }
}
