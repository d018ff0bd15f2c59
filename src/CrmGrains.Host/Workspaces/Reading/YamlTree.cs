using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>A YAML document with the place of everything in it. A closed set.</summary>
/// <param name="At">Where it begins.</param>
/// <param name="Depth">How many levels it has, aliases followed.</param>
/// <param name="Size">How many nodes it has, aliases followed.</param>
internal abstract record YamlNode(Place At, int Depth, int Size)
{
    public sealed record Scalar(Place At, string Text, bool IsPlain) : YamlNode(At, 1, 1)
    {
        /// <summary>Nothing was written where a value belongs.</summary>
        public bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
    }

    public sealed record List(Place At, IReadOnlyList<YamlNode> Items, int Depth, int Size) : YamlNode(At, Depth, Size);

    public sealed record Map(Place At, IReadOnlyList<YamlEntry> Entries, int Depth, int Size) : YamlNode(At, Depth, Size);
}

/// <summary>A key and what it stands for.</summary>
internal sealed record YamlEntry(string Key, Place At, YamlNode Value);

/// <summary>
/// Reads one YAML document within bounds: a deep or self-multiplying one ("billion laughs") is a fault and not a full memory or stack.
/// Built on the parser's events rather than its own document model, which stops at the first key that is there twice.
/// </summary>
internal sealed class YamlTree
{
    /// <summary>Far beyond any rule that a person can follow.</summary>
    private const int MostLevels = 32;

    /// <summary>Counted with every alias followed; a workspace with a hundred sources stays below a tenth of it.</summary>
    private const int MostNodes = 50_000;

    private readonly Parser _parser;
    private readonly FaultList _faults;
    private readonly Dictionary<string, YamlNode> _anchors = [];
    private int _nodes;

    private YamlTree(string text, FaultList faults)
    {
        _parser = new Parser(new StringReader(text));
        _faults = faults;
    }

    /// <returns>Null where it can't be read; the fault was added then.</returns>
    public static YamlNode? Read(string text, FaultList faults)
    {
        var tree = new YamlTree(text, faults);
        try
        {
            return tree.Document();
        }
        catch (RefusedException refused)
        {
            faults.Add(refused.At, "", refused.Message);
        }
        catch (YamlException broken)
        {
            faults.Add(PlaceOf(broken.Start), "", $"This isn't YAML that can be read. {broken.Message}");
        }
        catch (Exception)
        {
            // The parser lets a few exceptions of the framework through, for example for escapes of characters that don't exist.
            var at = tree._parser.Current is { } last ? PlaceOf(last.End) : Place.Start;
            faults.Add(at, "", "This, or what follows it, isn't YAML that can be read. Look for a bracket or a quote that isn't closed, or an odd escape.");
        }

        return null;
    }

    private YamlNode? Document()
    {
        _parser.MoveNext();
        _parser.MoveNext();
        if (_parser.Current is not DocumentStart)
        {
            _faults.Add(Place.Start, "", "The file is empty. Begin with `workspace:` and the name of the file.");
            return null;
        }

        _parser.MoveNext();
        var root = Node(MostLevels, "");
        _parser.MoveNext();
        if (_parser.MoveNext() && _parser.Current is DocumentStart second)
            _faults.Add(PlaceOf(second.Start), "", "A second document begins here. A file describes one workspace; give the other one its own file.");
        return root;
    }

    /// <summary>Reads the node at the parser's current event, and leaves the parser at the node's last event.</summary>
    private YamlNode Node(int levelsLeft, string path)
    {
        var current = _parser.Current ?? throw Refused(Mark.Empty, "It ends too early.");
        if (levelsLeft == 0)
            throw Refused(current.Start, $"There are more than {MostLevels} levels here. Make it flatter.");
        if (++_nodes > MostNodes)
            throw Refused(current.Start, $"There are more than {MostNodes} values, aliases followed. Make it smaller.");
        if (current is AnchorAlias alias)
            return Aliased(alias, levelsLeft);

        var start = (NodeEvent)current;
        if (!start.Tag.IsEmpty)
            _faults.Add(PlaceOf(start.Start), path, "Tags such as `!name` have no meaning here. Leave it out.");
        YamlNode node = start switch
        {
            Scalar scalar => new YamlNode.Scalar(PlaceOf(scalar.Start), scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => Items(start, levelsLeft, path),
            _ => Entries(start, levelsLeft, path),
        };
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor.Value] = node;
        return node;
    }

    private YamlNode Aliased(AnchorAlias alias, int levelsLeft)
    {
        // A node is known by its anchor only once it is complete, so one that holds itself isn't found.
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
            throw Refused(alias.Start, "The alias stands for nothing that was written, with an anchor, before it.");
        if (node.Depth > levelsLeft)
            throw Refused(alias.Start, $"There are more than {MostLevels} levels here, the alias followed. Make it flatter.");
        if ((_nodes += node.Size) > MostNodes)
            throw Refused(alias.Start, $"There are more than {MostNodes} values, aliases followed. Make it smaller.");
        return node;
    }

    private YamlNode.List Items(NodeEvent start, int levelsLeft, string path)
    {
        var items = new List<YamlNode>();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
            items.Add(Node(levelsLeft - 1, $"{path}[{items.Count}]"));
        return new(PlaceOf(start.Start), items, 1 + DepthOf(items), 1 + items.Sum(item => item.Size));
    }

    private YamlNode.Map Entries(NodeEvent start, int levelsLeft, string path)
    {
        var entries = new List<YamlEntry>();
        var lines = new Dictionary<string, int>();
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            var key = Node(levelsLeft - 1, path);
            _parser.MoveNext();
            var name = (key as YamlNode.Scalar)?.Text ?? "";
            var value = Node(levelsLeft - 1, Value.PathOf(path, name));
            if (key is not YamlNode.Scalar)
                _faults.Add(key.At, path, "A key must be a plain word.");
            else if (!lines.TryAdd(name, key.At.Line))
                _faults.Add(key.At, Value.PathOf(path, name), $"The key is here twice, first in line {lines[name]}. Keep one of them.");
            else
                entries.Add(new YamlEntry(name, key.At, value));
        }

        return new(PlaceOf(start.Start), entries, 1 + DepthOf(entries.Select(entry => entry.Value)), 1 + entries.Sum(entry => 1 + entry.Value.Size));
    }

    private static int DepthOf(IEnumerable<YamlNode> nodes) => nodes.Select(node => node.Depth).DefaultIfEmpty().Max();

    private static Place PlaceOf(Mark mark) => new(Math.Max(1, (int)mark.Line), Math.Max(1, (int)mark.Column));

    private static RefusedException Refused(Mark at, string message) => new(PlaceOf(at), message);

    /// <summary>Ends the reading of a document that isn't worth to be read on.</summary>
    private sealed class RefusedException(Place at, string message) : Exception(message)
    {
        public Place At => at;
    }
}
