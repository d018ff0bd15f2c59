using CrmGrains.Core.Grains;

namespace CrmGrains.Runtime.Turns;

/// <summary>Names a wanted change: asked for twice under one name, it is done once.</summary>
public static class EffectKey
{
    /// <summary>The event (or the turn, where there is none) and its replay, the step, the object and the operation.</summary>
    public static string Of(string cause, Effect.Enqueue effect)
    {
        var replay = effect.Replay is { } id ? $"~{id}" : "";
        return $"{cause}{replay}/{effect.Step}/{effect.Command.Object}/{effect.Command.Operation}";
    }
}
