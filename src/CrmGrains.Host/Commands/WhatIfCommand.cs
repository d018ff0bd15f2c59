using System.CommandLine;
using System.Text.Json;
using CrmGrains.Host.Tracing;

namespace CrmGrains.Host.Commands;

/// <summary><c>crmgrains whatif</c></summary>
internal static class WhatIfCommand
{
    public static Command Create()
    {
        var id = new Argument<Guid>("event_id") { Description = "The id that the sender was answered with." };
        var fields = new Argument<string[]>("field=value")
        {
            Description = "What is supposed, for example lead.urgency=high; `field=` takes the value away.", Arity = ArgumentArity.OneOrMore,
        };
        var recorded = new Option<bool>("--recorded") { Description = "Under the rules that decided it then, instead of those in force." };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var (url, key, data) = (SharedOptions.Url(), SharedOptions.ApiKey(), SharedOptions.Data());
        var command = new Command("whatif", "Says how a lead would be judged if it had said something else. Changes nothing.")
        {
            id, fields, recorded, json, url, key, data,
        };
        command.SetAction((parsed, cancellationToken) => Asking.RunAsync(async () =>
        {
            var supposed = parsed.GetRequiredValue(fields);
            if (supposed.FirstOrDefault(field => field.IndexOf('=', StringComparison.Ordinal) < 1) is { } odd)
                throw new HostException($"`{odd}` isn't a field and its value. Write it as lead.urgency=high.");
            var query = supposed.Select(field => field.Split('=', 2)).Select(pair => $"{Uri.EscapeDataString(pair[0])}={Uri.EscapeDataString(pair[1])}");
            using var host = HostClient.Create(parsed.GetValue(url), parsed.GetValue(key), parsed.GetRequiredValue(data));
            var answer = await host.GetAsync(
                $"/v1/events/{parsed.GetRequiredValue(id)}/whatif?{string.Join('&', query)}{(parsed.GetValue(recorded) ? "&configuration=recorded" : "")}",
                cancellationToken);
            await Console.Out.WriteAsync(parsed.GetValue(json) ? answer.GetRawText() + "\n" : Text(answer));
            return 0;
        }));
        return command;
    }

    private static string Text(JsonElement answer) => answer.Deserialize(WhyJson.Default.WhatIfAnswer) is { } whatIf ? WhatIfText.Of(whatIf) : "";
}
