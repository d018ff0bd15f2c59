using CrmGrains.Host.Configuration;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Configuration;

public sealed class WorkspaceFileProperties
{
    private static readonly string[] Pieces =
    [
        "[", "]", "{", "}", ":", ": ", "- ", "&a ", "*a", "!x ", "|\n", ">\n", "\"", "'", "#", "---\n", "...\n", "? ", "%YAML 9.9\n", "<<: *a",
        "\t", "\n", "\r", "\0", "\uFEFF", "\uD800", "\"\\uD800\"", "\"\\UFFFFFFFF\"", "\"\\x00\"", "~", "null", "99999999999999999999999999999999999999", "0x", "1e400", "d", "ſ",
    ];

    [Fact]
    public void Any_text_is_read_or_refused_and_never_throws() =>
        Prop.ForAll<string?>(text => IsReadOrRefused(text ?? "")).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Any_heap_of_yaml_signs_is_read_or_refused_and_never_throws() =>
        Prop.ForAll<int[]>(picks => IsReadOrRefused(string.Concat(picks.Select(Piece)))).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void The_demo_file_with_a_piece_cut_out_and_another_put_in_is_read_or_refused_and_never_throws() =>
        Prop.ForAll(Mutations(), mutation => IsReadOrRefused(Mutated(mutation))).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void The_demo_file_with_its_lines_dropped_doubled_and_exchanged_is_read_or_refused_and_never_throws() =>
        Prop.ForAll<int, int>((from, to) =>
        {
            var lines = Demo.Text.Split('\n').ToList();
            var line = lines[(int)((uint)from % lines.Count)];
            lines.RemoveAt((int)((uint)from % lines.Count));
            lines.Insert((int)((uint)to % lines.Count), line);
            if (to % 2 == 0)
                lines.Insert((int)((uint)from % lines.Count), line);
            return IsReadOrRefused(string.Join('\n', lines));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static bool IsReadOrRefused(string text)
    {
        var file = WorkspaceFile.Parse("demo.yaml", text);
        return file.IsValid == (file.Faults.Count == 0)
            && file.Faults.All(fault => fault is { Line: > 0, Column: > 0, Message.Length: > 0 });
    }

    private static Arbitrary<(int At, int Cut, string Put)> Mutations() => Arb.From(
        from at in Gen.Choose(0, Demo.Text.Length - 1)
        from cut in Gen.Choose(0, 40)
        from picks in Gen.Choose(0, Pieces.Length - 1).ArrayOf(3)
        select (at, cut, string.Concat(picks.Select(Piece))));

    private static string Mutated((int At, int Cut, string Put) mutation)
    {
        var end = Math.Min(Demo.Text.Length, mutation.At + mutation.Cut);
        return Demo.Text[..mutation.At] + mutation.Put + Demo.Text[end..];
    }

    private static string Piece(int pick) => Pieces[(int)((uint)pick % Pieces.Length)];
}
