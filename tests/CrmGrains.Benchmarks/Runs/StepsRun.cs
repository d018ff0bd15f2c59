using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CrmGrains.Benchmarks.Load;
using CrmGrains.Benchmarks.Measures;
using CrmGrains.Benchmarks.Servers;
using CrmGrains.Core.Configuration;
using CrmGrains.Core.Customers;
using CrmGrains.Core.Grains;
using CrmGrains.Core.Json;
using CrmGrains.Host.Configuration;
using CrmGrains.Host.Gateway;
using CrmGrains.Intake.Drift;
using CrmGrains.Intake.Identity;
using CrmGrains.Intake.Loop;
using CrmGrains.Intake.Payloads;
using CrmGrains.Intake.Signatures;
using CrmGrains.Intake.Sources;
using CrmGrains.Runtime.Ledger;
using CrmGrains.Runtime.Mailboxes;
using CrmGrains.Runtime.Turns;
using Microsoft.AspNetCore.Http;

namespace CrmGrains.Benchmarks.Runs;

/// <summary>
/// What the host computes for one event of the benchmark, step by step, without HTTP and PostgreSQL: where a microsecond or an allocation
/// can be saved, and whether it was. On one core.
/// </summary>
internal sealed class StepsRun(RunOptions options)
{
    private const int Round = 200;
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly Section _section = new("steps");
    private double _microseconds;
    private double _bytes;

    /// <summary>Measures every step.</summary>
    public Section Run()
    {
        var workspace = Workspace();
        var source = workspace.Sources["bench"];
        var id = Guid.CreateVersion7(Now);
        var body = Deliveries.Body("bench-0001-000000001", 1, 1, Now.AddSeconds(-1));
        _section.Line($"What the host computes for one event of {body.Length} bytes:").Table("step", "µs", "bytes allocated");
        Gateway(source, body);

        var delivery = new RawDelivery(id, Now, body);
        var watch = new SourceWatch(workspace.Name, source, 1000, MappedPaths.Of(source), new DriftOptions());
        for (var i = 0; i < 10_000; i++)
            watch.Look(delivery);
        Step("intake: is the payload as usual, once it was read", () => watch.Look(delivery));
        var message = new MailboxMessage
        {
            Id = 1, Partition = 1000, Workspace = workspace.Name, Grain = "", Kind = "delivery_received", EventId = id, Body = "{}"u8.ToArray(),
        };
        Accepted Accept() => Accepted.Of(
            message, SourceFormats.For(source.Format).Normalize(delivery, source, workspace).OfType<Normalized.Event>().Single(), source, workspace);
        var accepted = Accept();
        Step("intake: make the event", () => Accept());

        var known = accepted.Evidence.ToDictionary(one => one.Identifier, _ => "c0123456789abcdef0123456789abcdef");
        var customer = (Identification.Customer)Identification.Of(accepted.Evidence, known);
        Step("intake: whose it is", () => Identification.Of(accepted.Evidence, known));
        var grain = GrainId.Of(workspace.Name, GrainKind.Customer, customer.Key);
        Turn(workspace, accepted, new Message.EventReceived(customer.Match, accepted.Validation) { Event = accepted.Event }, grain);

        return _section.Line($"").Line($"- {_microseconds:0.0} µs and {_bytes:N0} bytes an event")
            .Figure("event_us", _microseconds, 1).Figure("event_bytes", _bytes, 0);
    }

    private void Gateway(SourceConfiguration source, byte[] body)
    {
        var headers = new HeaderDictionary
        {
            ["Host"] = "bench", ["Content-Type"] = "application/json", ["Content-Length"] = $"{body.Length}",
            ["X-Signature"] = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Deliveries.Secret), body)),
        };
        var scheme = SignatureScheme.For(source.Verification);
        var request = new SignedRequest(body, name => headers[name]);
        if (scheme.Verify(request, [Deliveries.Secret], Now) is not VerificationResult.Verified verified)
            throw new BenchmarkException("The signature isn't accepted.");
        Step("gateway: verify the signature", () => scheme.Verify(request, [Deliveries.Secret], Now));
        Step("gateway: is it JSON", () => BodyKind.Json.FaultOf(body, "application/json"));
        Step("gateway: name and hash the delivery", () =>
        {
            DeliveryId.Of(source, verified, request);
            SHA256.HashData(body);
            Guid.CreateVersion7(Now);
        });
        Step("gateway: keep the headers", () => KeptHeaders.Of(headers, scheme.Credential));
    }

    private void Turn(WorkspaceConfiguration workspace, Accepted accepted, Message.EventReceived received, GrainId grain)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes<Message>(received, CoreJson.Default.Message);
        Step("intake: write the message", () => JsonSerializer.SerializeToUtf8Bytes<Message>(received, CoreJson.Default.Message));

        // The customer is known from an earlier event, as most are.
        var context = new TurnContext(grain, accepted.Event.EventId, Now, workspace);
        var earlier = received with { Event = accepted.Event with { EventId = Guid.CreateVersion7(Now.AddDays(-1)), OccurredAt = Now.AddDays(-1) } };
        var state = CustomerGrain.Handle(new CustomerState(), earlier, context).State;
        var turn = CustomerGrain.Handle(state, received, context);
        Step("turn: decide", () => CustomerGrain.Handle(state, received, context));
        using var details = new TurnDetail();
        var detail = details.Of(json, received, turn.Decision, turn.Effects, hasCrm: true);
        Step("turn: write the ledger's detail", () => details.Of(json, received, turn.Decision, turn.Effects, hasCrm: true));
        Step("turn: write the state", () => JsonSerializer.SerializeToUtf8Bytes(turn.State, CoreJson.Default.CustomerState));
        var command = turn.Effects.OfType<Effect.Enqueue>().Last().Command;
        Step("turn: write the command", () => JsonSerializer.SerializeToUtf8Bytes(command, CoreJson.Default.CrmCommand));
        var (salt, hash) = (new byte[LedgerChain.SaltBytes], new byte[LedgerChain.HashBytes]);
        Step("turn: chain the ledger's entry", () => LedgerChain.Hash(hash, new LedgerHeader(
            1, 2, workspace.Name, grain.ToString(), 3, 4, received.Name, turn.Decision.Outcome, accepted.Event.EventId, workspace.Hash, default, Now,
            LedgerChain.DetailHash(salt, detail))));
    }

    private void Step(string name, Action work)
    {
        var figure = OneCore.Of(work, options.IsQuick ? 0.2 : 1, Round);
        _microseconds += figure.Microseconds;
        _bytes += figure.Bytes;
        _section.Line($"| {name} | {figure.Microseconds:0.0} | {figure.Bytes:N0} |");
    }

    private static WorkspaceConfiguration Workspace()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "workspaces", "bench.yaml");
        return WorkspaceFile.Parse(path, File.ReadAllText(path)).Configuration ?? throw new BenchmarkException($"{path} has faults.");
    }
}
