using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CrmGrains.IntegrationTests.Pull;

/// <summary>Airtable's list of payloads, as far as we use it: numbered from 1, a page at a time, only for the right token.</summary>
internal sealed class PayloadServer : IAsyncDisposable
{
    public const string Token = "pat_test";
    private const string Page = "/v0/bases/{base}/webhooks/{webhook}/payloads";

    private readonly WebApplication _app;

    private PayloadServer(WebApplication app) => _app = app;

    public Uri Url => new(_app.Urls.First());

    /// <summary>How many payloads there are.</summary>
    public int Count { get; set; }

    /// <summary>The oldest one that is still kept.</summary>
    public int Oldest { get; set; } = 1;

    /// <summary>Answered instead of the next pages.</summary>
    public ConcurrentQueue<HttpStatusCode> Refusals { get; } = new();

    /// <summary>What was asked for, oldest first: webhook and cursor.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Done while a page is on its way.</summary>
    public Func<Task>? Meanwhile { get; set; }

    public static async Task<PayloadServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var server = new PayloadServer(app);
        app.MapGet(Page, server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> AnswerAsync(HttpRequest request, string webhook, int cursor, int limit)
    {
        Asked.Enqueue($"{webhook}:{cursor}");
        if (request.Headers.Authorization != $"Bearer {Token}")
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        if (Refusals.TryDequeue(out var status))
            return Results.StatusCode((int)status);
        var first = Math.Max(cursor, Oldest);
        var next = Math.Min(first + limit, Count + 1);
        var body = $$"""
            {"cursor":{{next}},"mightHaveMore":{{(next <= Count ? "true" : "false")}},"payloads":[{{string.Join(',', Enumerable.Range(first, next - first).Select(Payload))}}]}
            """;
        if (Meanwhile is { } meanwhile)
            await meanwhile();
        return Results.Text(body, "application/json");
    }

    private static string Payload(int number) => $$"""
        {"timestamp":"2026-04-26T18:12:40.900Z","baseTransactionNumber":{{number}},"payloadFormat":"v0","actionMetadata":{"source":"client"},
         "changedTablesById":{"tblA":{"changedRecordsById":{"rec{{number}}":{"current":{"cellValuesByFieldId":{"fldEmail":"p{{number}}@example.com"} } } } } } }
        """;
}
