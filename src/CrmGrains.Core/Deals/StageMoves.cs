using CrmGrains.Core.Configuration;

namespace CrmGrains.Core.Deals;

/// <summary>Which moves between stages a pipeline allows. One without <c>stages</c> allows those that <c>move_from</c> names.</summary>
public static class StageMoves
{
    /// <summary>Whether a deal may be moved; both are the CRM's ids. Staying where it is is no move, and always allowed.</summary>
    public static bool IsAllowed(PipelineConfiguration pipeline, string from, string to) =>
        from == to || Into(pipeline, to).Contains(from, StringComparer.Ordinal);

    /// <summary>The CRM's ids of the stages from which deals may be moved into one.</summary>
    public static IReadOnlyList<string> Into(PipelineConfiguration pipeline, string to)
    {
        if (pipeline.Stages.Count == 0)
            return to == pipeline.Stage ? pipeline.MoveFrom : [];
        var name = pipeline.Stages.FirstOrDefault(stage => stage.Value.Id == to).Key;
        return name is null ? [] : [.. pipeline.Stages.Values.Where(stage => stage.To.Contains(name, StringComparer.Ordinal)).Select(stage => stage.Id)];
    }

    /// <summary>The stages from which a qualified lead's deal is moved: of those that <c>move_from</c> names, the ones from which it may be.</summary>
    public static IReadOnlyList<string> ForLeads(PipelineConfiguration pipeline) =>
        [.. pipeline.MoveFrom.Where(from => IsAllowed(pipeline, from, pipeline.Stage))];

    /// <summary>Names of stages that no deal comes into: neither new, nor from <c>move_from</c>, nor by moves from there.</summary>
    public static IReadOnlyList<string> Unreachable(PipelineConfiguration pipeline)
    {
        var reached = pipeline.Stages
            .Where(stage => stage.Value.Id == pipeline.Stage || pipeline.MoveFrom.Contains(stage.Value.Id, StringComparer.Ordinal))
            .Select(stage => stage.Key).ToHashSet(StringComparer.Ordinal);
        var next = new Queue<string>(reached);
        while (next.TryDequeue(out var name))
        {
            foreach (var to in pipeline.Stages[name].To.Where(to => pipeline.Stages.ContainsKey(to) && reached.Add(to)))
                next.Enqueue(to);
        }

        return [.. pipeline.Stages.Keys.Where(name => !reached.Contains(name))];
    }
}
