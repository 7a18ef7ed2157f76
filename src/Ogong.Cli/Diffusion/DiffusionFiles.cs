using System.CommandLine;
using Ogong.Cli.Images;
using Ogong.Compute;
using Ogong.Diffusion;

namespace Ogong.Cli.Diffusion;

/// <summary>The files that <c>diffuse</c> writes: picture, film strip, array, commitment.</summary>
internal sealed class DiffusionFiles
{
    private readonly Option<string?> _picture = new("--out") { Description = "Write the picture, enlarged, to this PNG file (models that draw pixels).", HelpName = "FILE" };
    private readonly Option<string?> _strip = new("--strip") { Description = "Write the committed latents side by side, from noise to picture, to this PNG file.", HelpName = "FILE" };
    private readonly Option<string?> _latents = new("--latents") { Description = "Write the final latent, of any shape, to this NumPy .npy file: binary32 [channels, sizes...].", HelpName = "FILE" };
    private readonly Option<string?> _commit = new("--commit") { Description = "Write the trajectory, with all an auditor needs, to this .ogong file.", HelpName = "FILE" };
    private readonly Option<bool> _lean = new("--lean") { Description = "Keep only the final latent in the .ogong file; an auditor computes the others again (exact mode)." };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_picture, _strip, _latents, _commit, _lean]) command.Options.Add(option);
    }

    /// <summary>Refuses what cannot be written before anything is computed.</summary>
    /// <exception cref="BadInputException">A picture is wanted of latents that are none, or a file that nobody could audit.</exception>
    public void Check(CommandContext context, LatentShape shape, NumericMode mode)
    {
        if (context.Get(_picture) is not null || context.Get(_strip) is not null) LatentPicture.Require(shape);
        if (context.Get(_lean) && context.Get(_commit) is null) throw new BadInputException("--lean is about the file that --commit names.");
        if (context.Get(_lean) && mode == NumericMode.Fast) throw new BadInputException("--lean needs exact mode: latents computed again in fast mode are not the committed ones.");
    }

    /// <summary>Writes the files asked for; returns what they are and where.</summary>
    public IReadOnlyList<(string What, string Path)> Write(CommandContext context, TrajectoryReply reply)
    {
        LatentShape shape = reply.Order.Message.Shape;
        List<(string What, string Path)> written = [];
        Write("picture", context.Get(_picture), path => PngWriter.Write(path, LatentPicture.Of(shape, reply.FinalLatent.Span)));
        Write("strip", context.Get(_strip), path => PngWriter.Write(path, LatentPicture.Strip(shape, reply.Latents.Select(static l => l.Latent))));
        Write("latents", context.Get(_latents), path => NpyWriter.Write(path, [shape.Channels, .. shape.Sizes], reply.FinalLatent.Span));
        Write("commitment", context.Get(_commit), path =>
        {
            using FileStream stream = File.Create(path);
            (context.Get(_lean) ? reply.WithoutLatents() : reply).WriteTo(stream);
        });
        return written;

        void Write(string what, string? path, Action<string> write)
        {
            if (path is null) return;
            write(path);
            written.Add((what, path));
        }
    }
}
