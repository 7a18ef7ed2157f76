namespace Ogong.Native.OpenCl;

/// <summary>
/// The imported functions of OpenCL 1.2, under their own names, as pointers looked up in the loader once. All are blittable; every caller checks the return code.
/// The README of this folder lists them.
/// </summary>
internal sealed unsafe class OpenClApi(LoadedLibrary library)
{
    public readonly delegate* unmanaged<uint, nint*, uint*, int> clGetPlatformIDs = (delegate* unmanaged<uint, nint*, uint*, int>)Export(library, "clGetPlatformIDs");
    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> clGetPlatformInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)Export(library, "clGetPlatformInfo");
    public readonly delegate* unmanaged<nint, ulong, uint, nint*, uint*, int> clGetDeviceIDs = (delegate* unmanaged<nint, ulong, uint, nint*, uint*, int>)Export(library, "clGetDeviceIDs");
    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> clGetDeviceInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)Export(library, "clGetDeviceInfo");

    public readonly delegate* unmanaged<nint*, uint, nint*, void*, void*, int*, nint> clCreateContext =
        (delegate* unmanaged<nint*, uint, nint*, void*, void*, int*, nint>)Export(library, "clCreateContext");

    public readonly delegate* unmanaged<nint, int> clReleaseContext = (delegate* unmanaged<nint, int>)Export(library, "clReleaseContext");
    public readonly delegate* unmanaged<nint, nint, ulong, int*, nint> clCreateCommandQueue = (delegate* unmanaged<nint, nint, ulong, int*, nint>)Export(library, "clCreateCommandQueue");
    public readonly delegate* unmanaged<nint, int> clReleaseCommandQueue = (delegate* unmanaged<nint, int>)Export(library, "clReleaseCommandQueue");
    public readonly delegate* unmanaged<nint, int> clFlush = (delegate* unmanaged<nint, int>)Export(library, "clFlush");
    public readonly delegate* unmanaged<nint, int> clFinish = (delegate* unmanaged<nint, int>)Export(library, "clFinish");

    public readonly delegate* unmanaged<nint, ulong, nuint, void*, int*, nint> clCreateBuffer = (delegate* unmanaged<nint, ulong, nuint, void*, int*, nint>)Export(library, "clCreateBuffer");
    public readonly delegate* unmanaged<nint, int> clReleaseMemObject = (delegate* unmanaged<nint, int>)Export(library, "clReleaseMemObject");

    public readonly delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int> clEnqueueWriteBuffer =
        (delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int>)Export(library, "clEnqueueWriteBuffer");

    public readonly delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int> clEnqueueReadBuffer =
        (delegate* unmanaged<nint, nint, uint, nuint, nuint, void*, uint, nint*, nint*, int>)Export(library, "clEnqueueReadBuffer");

    public readonly delegate* unmanaged<nint, nint, nint, nuint, nuint, nuint, uint, nint*, nint*, int> clEnqueueCopyBuffer =
        (delegate* unmanaged<nint, nint, nint, nuint, nuint, nuint, uint, nint*, nint*, int>)Export(library, "clEnqueueCopyBuffer");

    public readonly delegate* unmanaged<nint, nint, void*, nuint, nuint, nuint, uint, nint*, nint*, int> clEnqueueFillBuffer =
        (delegate* unmanaged<nint, nint, void*, nuint, nuint, nuint, uint, nint*, nint*, int>)Export(library, "clEnqueueFillBuffer");

    public readonly delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint> clCreateProgramWithSource =
        (delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint>)Export(library, "clCreateProgramWithSource");

    public readonly delegate* unmanaged<nint, uint, nint*, nuint*, byte**, int*, int*, nint> clCreateProgramWithBinary =
        (delegate* unmanaged<nint, uint, nint*, nuint*, byte**, int*, int*, nint>)Export(library, "clCreateProgramWithBinary");

    public readonly delegate* unmanaged<nint, uint, nint*, byte*, void*, void*, int> clBuildProgram = (delegate* unmanaged<nint, uint, nint*, byte*, void*, void*, int>)Export(library, "clBuildProgram");
    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> clGetProgramInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)Export(library, "clGetProgramInfo");

    public readonly delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int> clGetProgramBuildInfo =
        (delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int>)Export(library, "clGetProgramBuildInfo");

    public readonly delegate* unmanaged<nint, int> clReleaseProgram = (delegate* unmanaged<nint, int>)Export(library, "clReleaseProgram");
    public readonly delegate* unmanaged<nint, byte*, int*, nint> clCreateKernel = (delegate* unmanaged<nint, byte*, int*, nint>)Export(library, "clCreateKernel");
    public readonly delegate* unmanaged<nint, int> clReleaseKernel = (delegate* unmanaged<nint, int>)Export(library, "clReleaseKernel");
    public readonly delegate* unmanaged<nint, uint, nuint, void*, int> clSetKernelArg = (delegate* unmanaged<nint, uint, nuint, void*, int>)Export(library, "clSetKernelArg");
    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> clGetKernelInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)Export(library, "clGetKernelInfo");


    public readonly delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int> clEnqueueNDRangeKernel =
        (delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, nint*, nint*, int>)Export(library, "clEnqueueNDRangeKernel");

    public readonly delegate* unmanaged<nint, uint, nint*, nint*, int> clEnqueueMarkerWithWaitList =
        (delegate* unmanaged<nint, uint, nint*, nint*, int>)Export(library, "clEnqueueMarkerWithWaitList");

    public readonly delegate* unmanaged<uint, nint*, int> clWaitForEvents = (delegate* unmanaged<uint, nint*, int>)Export(library, "clWaitForEvents");
    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> clGetEventInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)Export(library, "clGetEventInfo");

    public readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> clGetEventProfilingInfo =
        (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)Export(library, "clGetEventProfilingInfo");

    public readonly delegate* unmanaged<nint, int> clReleaseEvent = (delegate* unmanaged<nint, int>)Export(library, "clReleaseEvent");

    /// <summary>The loader the pointers lead into; held so that it stays loaded.</summary>
    public LoadedLibrary Library { get; } = library;

    private static nint Export(LoadedLibrary library, string name) =>
        library.TryGetExport(name, out nint address) ? address : throw new EntryPointNotFoundException($"{library.Path} does not export {name}.");
}
