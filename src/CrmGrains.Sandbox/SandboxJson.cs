using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CrmGrains.Sandbox.Calls;
using CrmGrains.Sandbox.Channels;
using CrmGrains.Sandbox.Faults;
using CrmGrains.Sandbox.HubSpot;
using CrmGrains.Sandbox.HubSpot.Answers;
using CrmGrains.Sandbox.HubSpot.Associations;
using CrmGrains.Sandbox.HubSpot.Properties;
using CrmGrains.Sandbox.HubSpot.Records;
using CrmGrains.Sandbox.HubSpot.Search;
using CrmGrains.Sandbox.Inspection;
using CrmGrains.Sandbox.State;

namespace CrmGrains.Sandbox;

/// <summary>All JSON that is read or written: camelCase as HubSpot's, what is absent left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters = [typeof(HubSpotInstant)])]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(IReadOnlyList<PropertyProblem>))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(CreateInput))]
[JsonSerializable(typeof(PatchInput))]
[JsonSerializable(typeof(BatchReadInput))]
[JsonSerializable(typeof(BatchInput<CreateInput>))]
[JsonSerializable(typeof(BatchInput<WriteInput>))]
[JsonSerializable(typeof(BatchInput<IdInput>))]
[JsonSerializable(typeof(RecordBody))]
[JsonSerializable(typeof(Page<RecordBody>))]
[JsonSerializable(typeof(BatchAnswer<RecordBody>))]
[JsonSerializable(typeof(SearchInput))]
[JsonSerializable(typeof(IReadOnlyList<AssociationSpec>))]
[JsonSerializable(typeof(BatchInput<PairInput>))]
[JsonSerializable(typeof(BatchInput<ArchiveInput>))]
[JsonSerializable(typeof(LabelledBody))]
[JsonSerializable(typeof(Page<LabelBody>))]
[JsonSerializable(typeof(Page<LinkBody>))]
[JsonSerializable(typeof(BatchAnswer<DefaultBody>))]
[JsonSerializable(typeof(BatchAnswer<LabelledBody>))]
[JsonSerializable(typeof(BatchAnswer<LinksBody>))]
[JsonSerializable(typeof(Page<Owner>))]
[JsonSerializable(typeof(Page<Pipeline>))]
[JsonSerializable(typeof(Page<Stage>))]
[JsonSerializable(typeof(Page<PropertyDefinition>))]
[JsonSerializable(typeof(BatchInput<PropertyDefinition>))]
[JsonSerializable(typeof(BatchInput<PropertyName>))]
[JsonSerializable(typeof(BatchAnswer<PropertyDefinition>))]
[JsonSerializable(typeof(IReadOnlyList<FaultRule>))]
[JsonSerializable(typeof(Listing<FaultState>))]
[JsonSerializable(typeof(CallStats))]
[JsonSerializable(typeof(Listing<EndedCall>))]
[JsonSerializable(typeof(Listing<CarriedOut>))]
[JsonSerializable(typeof(Listing<TakenMail>))]
[JsonSerializable(typeof(Listing<PostedNotice>))]
[JsonSerializable(typeof(Listing<TakenWebhook>))]
[JsonSerializable(typeof(Listing<RecordBody>))]
[JsonSerializable(typeof(Listing<AssociatedPair>))]
[JsonSerializable(typeof(Listing<Owner>))]
[JsonSerializable(typeof(OwnerInput))]
[JsonSerializable(typeof(StateHeader))]
[JsonSerializable(typeof(AccountState))]
internal sealed partial class SandboxJson : JsonSerializerContext
{
    /// <summary>For JSON inside a text, which stays readable when it is quoted.</summary>
    public static SandboxJson Relaxed { get; } = new(Configured());

    /// <summary>Makes endpoints use this context, and nothing found by reflection.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.TypeInfoResolver = Default;
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.RespectNullableAnnotations = true;
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;  // errors quote JSON, which is to stay readable
        options.PropertyNameCaseInsensitive = false;
        options.Converters.Add(new HubSpotInstant());
    }

    private static JsonSerializerOptions Configured()
    {
        var options = new JsonSerializerOptions();
        Configure(options);
        options.TypeInfoResolver = null;  // the context becomes it
        return options;
    }
}
