using CrmGrains.Core.Configuration;
using CrmGrains.Core.Deals;

namespace CrmGrains.Host.Configuration.Reading;

/// <summary>Reads the <c>stages</c> of a pipeline: which moves between them are allowed.</summary>
internal static class StageReader
{
    public static IReadOnlyDictionary<string, StageConfiguration> Read(Value? stages)
    {
        IReadOnlyList<string> names = stages?.Node is YamlNode.Map map ? [.. map.Entries.Select(entry => entry.Key)] : [];
        var takenBy = new Dictionary<string, string>();
        return stages?.Named(entry => Stage(entry, names, takenBy)) ?? new Dictionary<string, StageConfiguration>();
    }

    /// <summary>Whether what else the pipeline says goes with its stages.</summary>
    public static void Check(PipelineConfiguration pipeline, Section section)
    {
        if (pipeline.Stages.Count == 0)
            return;
        if (pipeline.Stages.Values.All(stage => stage.Id != pipeline.Stage))
        {
            section["stage"]?.Fault("It is the id of none of the `stages`. Add the stage there, or correct one of the two.");
            return;
        }

        foreach (var from in pipeline.MoveFrom.Except(StageMoves.ForLeads(pipeline)))
            section["move_from"]?.Fault(
                $"From the stage `{Value.Clipped(from)}` no move to `{Value.Clipped(pipeline.Stage)}` is allowed. Name it in the stage's `to`, or take it out here.");
        foreach (var name in StageMoves.Unreachable(pipeline))
            section["stages"]?.Warn($"No deal comes into it: `{name}`. Name it in the `to` of another stage, or take it out.");
    }

    private static StageConfiguration Stage(Entry entry, IReadOnlyList<string> names, Dictionary<string, string> takenBy)
    {
        var section = entry.Value.Section(["id"], ["to"]);
        var id = section["id"]?.Line() ?? "";
        if (!takenBy.TryAdd(id, entry.Key))
            section["id"]?.Fault($"The stage `{Value.Clipped(takenBy[id])}` has this id too. Each has its own.");
        return new StageConfiguration(id, section["to"]?.Distinct(item => item.OneOf(names, "the stage") is not { } to ? null
            : to != entry.Key ? to
            : item.Wrong<string>("names its own stage. Take it out: a deal that stays isn't moved")) ?? []);
    }
}
