using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Properties;

namespace CrmGrains.Sandbox.HubSpot.Records;

/// <summary>Rules that look at more than one property, or at more than the record.</summary>
internal static class RecordRules
{
    /// <summary>The properties without which a record of this type cannot be made.</summary>
    public static IReadOnlyList<string> Missing(ObjectType type, IReadOnlyDictionary<string, string> properties)
    {
        return type.Name switch
        {
            "companies" => properties.ContainsKey("name") || properties.ContainsKey("domain") ? [] : ["name", "domain"],
            "deals" => Absent("dealname", "dealstage", "pipeline"),
            "tickets" => Absent("subject", "hs_pipeline", "hs_pipeline_stage"),
            "notes" or "tasks" => Absent("hs_timestamp"),
            _ => [],
        };

        string[] Absent(params string[] required) => [.. required.Where(name => !properties.ContainsKey(name))];
    }

    /// <summary>A stage must be one of the record's own pipeline.</summary>
    public static PropertyProblem? CheckStage(ObjectType type, IReadOnlyDictionary<string, string> properties)
    {
        if (StageProperties(type) is not var (pipelineName, stageName)) return null;
        var (pipelineId, stageId) = (properties.GetValueOrDefault(pipelineName), properties.GetValueOrDefault(stageName));
        if (Pipelines.Find(type, pipelineId) is not { } pipeline)
            return Unknown(pipelineName, pipelineId, Pipelines.Of(type).Select(known => known.Id));
        return pipeline.FindStage(stageId) is null ? Unknown(stageName, stageId, pipeline.Stages.Select(stage => stage.Id)) : null;
    }

    public static PropertyProblem? CheckOwner(Owners owners, PropertyDefinition property, string ownerId) => owners.Find(ownerId) switch
    {
        null => PropertyRules.Problem(property, "INVALID_OWNER", $"Owner {ownerId} does not exist."),
        { Archived: true } => PropertyRules.Problem(property, "INVALID_OWNER", $"Owner {ownerId} is archived and cannot be assigned records."),
        _ => null,
    };

    /// <summary>Sets the properties that HubSpot calculates.</summary>
    public static void Derive(ObjectType type, Dictionary<string, string> properties)
    {
        if (type != ObjectType.Deals) return;
        var stage = Pipelines.Find(type, properties["pipeline"])?.FindStage(properties["dealstage"]);
        properties["hs_is_closed"] = stage is not null && Pipelines.IsClosed(stage) ? "true" : "false";
        properties["hs_is_closed_won"] = stage is not null && Pipelines.IsWon(stage) ? "true" : "false";
    }

    private static (string Pipeline, string Stage)? StageProperties(ObjectType type) =>
        type == ObjectType.Deals ? ("pipeline", "dealstage")
        : type == ObjectType.Tickets ? ("hs_pipeline", "hs_pipeline_stage")
        : null;

    private static PropertyProblem Unknown(string property, string? value, IEnumerable<string> allowed) =>
        new(property, "INVALID_OPTION", $"{value ?? "nothing"} was not one of the allowed options: [{string.Join(", ", allowed)}]");
}
