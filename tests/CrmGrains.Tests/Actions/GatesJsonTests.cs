using System.Text.Json;
using CrmGrains.Core.Actions;
using CrmGrains.Core.Decisions;
using CrmGrains.Core.Json;
using FsCheck;
using FsCheck.Fluent;

namespace CrmGrains.Tests.Actions;

public sealed class GatesJsonTests
{
    private static readonly Gen<GateTrace> Answers =
        from name in Gen.Elements("trusted", "low_risk", "logged", "reversible")
        from passes in Gen.Elements(true, false)
        from why in Gen.Elements("", "its signature was verified", "high", "a \"quoted\" why, in ünïcode")
        select new GateTrace(name, passes, why);

    [Fact]
    public void An_entry_keeps_why_a_gate_passed_by_its_name_and_why_it_did_not_as_a_no()
    {
        Assert.Equal(
            """{"outcome":"record","actions":[{"from":"rule","name":"note","type":"add_note","tier":"low","verdict":"review","gates":{"trusted":"its signature was verified","low_risk":{"no":"high"}},"channel":"crm"}]}""",
            Json([new GateTrace("trusted", true, "its signature was verified"), new GateTrace("low_risk", false, "high")]));
    }

    [Fact]
    public void What_was_kept_is_read_as_it_was() => Prop.ForAll(Gen.ListOf(Answers).ToArbitrary(), answers =>
    {
        var gates = answers.DistinctBy(gate => gate.Name).ToList();
        return Gates(Json(gates)).SequenceEqual(gates);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_entry_from_before_is_read_too()
    {
        const string Older = """
            {"outcome":"record","actions":[{"from":"rule","name":"note","type":"add_note","tier":"low","verdict":"execute","gates":
            [{"name":"trusted","passes":true,"why":"signed"},{"name":"low_risk","passes":false,"why":"high"}],"channel":"crm"}]}
            """;

        Assert.Equal([new GateTrace("trusted", true, "signed"), new GateTrace("low_risk", false, "high")], Gates(Older));
    }

    [Theory]
    [InlineData("3")]
    [InlineData("\"trusted\"")]
    public void Anything_else_is_refused(string gates) =>
        Assert.Throws<JsonException>(() => Gates($$"""{"outcome":"record","actions":[{"from":"r","name":"n","type":"add_note","tier":"low","verdict":"skip","gates":{{gates}}}]}"""));

    private static string Json(IReadOnlyList<GateTrace> gates) => JsonSerializer.Serialize(
        new Decision { Outcome = "record", Actions = [new ActionTrace("rule", "note", "add_note", RiskTier.Low, gates.All(gate => gate.Passes) ? Verdict.Execute : Verdict.Review, gates)] },
        CoreJson.Default.Decision);

    private static IReadOnlyList<GateTrace> Gates(string decision) =>
        Assert.Single(JsonSerializer.Deserialize(decision, CoreJson.Default.Decision)?.Actions ?? []).Gates;
}
