using System.Text.Json.Serialization;

namespace CrmGrains.Intake.Drift;

/// <summary>JSON's types, as sets.</summary>
[Flags]
internal enum ShapeTypes
{
    None = 0,
    Null = 1,
    Text = 2,
    Number = 4,
    Flag = 8,
    Object = 16,
    List = 32,
}

/// <summary>What was seen at one path. Two of them merge into one, in any order and grouping.</summary>
internal sealed record PathSketch
{
    /// <summary>More different values than this, and they are no list of choices.</summary>
    public const int MaxWords = 20;

    /// <summary>How often the path was there.</summary>
    public long Seen { get; init; }

    /// <summary>How often it was JSON's null.</summary>
    public long Nulls { get; init; }

    /// <summary>How often it was an object: its members are there so often at most.</summary>
    public long Objects { get; init; }

    public ShapeTypes Types { get; init; }

    /// <summary>Whether the map reads it or something below.</summary>
    public bool IsMapped { get; init; }

    /// <summary>Whether a person said that it may be absent.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The words seen, in order; only of mapped fields that hold choices, and none of them where there were too many.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Whether something else than a few short words was seen.</summary>
    public bool IsFreeText { get; init; }

    /// <summary>How often there was something.</summary>
    [JsonIgnore]
    public long Present => Seen - Nulls;

    public PathSketch Merge(PathSketch other)
    {
        IReadOnlyList<string> words = IsFreeText || other.IsFreeText
            ? []
            : [.. Words.Union(other.Words, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var isFreeText = IsFreeText || other.IsFreeText || words.Count > MaxWords;
        return new PathSketch
        {
            Seen = Seen + other.Seen,
            Nulls = Nulls + other.Nulls,
            Objects = Objects + other.Objects,
            Types = Types | other.Types,
            IsMapped = IsMapped || other.IsMapped,
            IsOptional = IsOptional || other.IsOptional,
            Words = isFreeText ? [] : words,
            IsFreeText = isFreeText,
        };
    }
}
