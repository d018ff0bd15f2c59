using System.Globalization;
using System.Text;
using CrmGrains.Benchmarks.Measures;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>Curves as a small SVG, and as a line of text.</summary>
internal static class CurvePicture
{
    /// <summary>The file beside the README.</summary>
    public const string FileName = "held-snapshot.svg";

    private const int Width = 720;
    private const int Height = 280;
    private const int Left = 60;
    private const int Right = 20;
    private const int Top = 20;
    private const int Bottom = 40;
    private const string Levels = "▁▂▃▄▅▆▇█";

    private static readonly string[] Colors = ["#555555", "#1f77b4", "#d62728"];

    /// <summary>A sign for each interval, high as its speed is beside the fastest of all.</summary>
    public static string Signs(Curve curve, IEnumerable<Curve> all)
    {
        var most = all.Max(one => one.PerSecond.Max());
        return string.Concat(curve.PerSecond.Select(speed => Levels[(int)Math.Clamp(speed / most * Levels.Length, 0, Levels.Length - 1)]));
    }

    /// <summary>Writes them into one picture.</summary>
    public static Task WriteAsync(IReadOnlyDictionary<string, Curve> curves, string path, CancellationToken cancellationToken)
    {
        var most = Math.Ceiling(curves.Values.Max(curve => curve.PerSecond.Max()) / 1_000) * 1_000;
        var length = curves.Values.Max(curve => curve.PerSecond.Count * curve.Interval.TotalSeconds);
        double X(double seconds) => Left + seconds / length * (Width - Left - Right);
        double Y(double speed) => Height - Bottom - speed / most * (Height - Top - Bottom);

        var svg = new StringBuilder();
        void Add(FormattableString text) => svg.Append(text.ToString(CultureInfo.InvariantCulture)).Append('\n');
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" viewBox=\"0 0 {Width} {Height}\"");
        Add($"  font-family=\"sans-serif\" font-size=\"12\">");
        Add($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#ffffff\"/>");
        for (var share = 0.0; share <= 1; share += 0.25)
        {
            var (x, y) = (X(share * length), Y(share * most));
            Add($"<line x1=\"{Left}\" y1=\"{y:0.0}\" x2=\"{Width - Right}\" y2=\"{y:0.0}\" stroke=\"#dddddd\"/>");
            Add($"<text x=\"{Left - 6}\" y=\"{y + 4:0.0}\" text-anchor=\"end\">{share * most:N0}</text>");
            Add($"<text x=\"{x:0.0}\" y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{share * length / 60:0.0} min</text>");
        }

        foreach (var ((name, curve), number) in curves.Select((pair, number) => (pair, number)))
        {
            var points = curve.PerSecond.Select((speed, i) => string.Create(
                CultureInfo.InvariantCulture, $"{X((i + 0.5) * curve.Interval.TotalSeconds):0.0},{Y(speed):0.0}"));
            var color = Colors[number % Colors.Length];
            Add($"<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" points=\"{string.Join(' ', points)}\"/>");
            Add($"<text x=\"{Left + 10 + number * 150}\" y=\"{Height - 6}\" fill=\"{color}\">held: {name}</text>");
        }

        Add($"<text x=\"{Left}\" y=\"13\">events/s</text>");
        Add($"</svg>");
        return File.WriteAllTextAsync(path, svg.ToString(), cancellationToken);
    }
}
