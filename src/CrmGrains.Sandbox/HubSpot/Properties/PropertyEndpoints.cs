using CrmGrains.Sandbox.HubSpot.Answers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CrmGrains.Sandbox.HubSpot.Properties;

/// <summary>Reads and adds properties. What is added takes effect with the next call.</summary>
internal static class PropertyEndpoints
{
    private const int MaxUniqueProperties = 10;

    private static readonly string[] Types = ["string", "number", "date", "datetime", "enumeration", "bool"];

    public static void MapProperties(this IEndpointRouteBuilder routes)
    {
        foreach (var group in ApiVersion.Groups(routes, "properties", "v3"))
        {
            group.MapGet("/{type}", List);
            group.MapGet("/{type}/{name}", Get);
            group.MapPost("/{type}", Create);
            group.MapPost("/{type}/batch/create", CreateBatch);
            group.MapPost("/{type}/batch/read", ReadBatch);
        }
    }

    private static Ok<Page<PropertyDefinition>> List(ObjectType type, Account account)
    {
        lock (account.Gate) return TypedResults.Ok(new Page<PropertyDefinition>([.. account.Schema.Of(type).Values]));
    }

    private static IResult Get(ObjectType type, string name, Account account)
    {
        lock (account.Gate) return account.Schema.Find(type, name) is { } found ? TypedResults.Ok(found) : HubSpotError.NotFound();
    }

    private static IResult Create(ObjectType type, PropertyDefinition body, Account account)
    {
        lock (account.Gate)
            return Add(account, type, body, out var added) is { } refused ? refused : TypedResults.Json(added, statusCode: 201);
    }

    private static IResult CreateBatch(ObjectType type, BatchInput<PropertyDefinition> body, Account account)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxRecords) is { } refused) return refused;
        lock (account.Gate)
        {
            var (added, errors) = (new List<PropertyDefinition>(), new List<ErrorBody>());
            foreach (var input in body.Inputs)
            {
                if (Add(account, type, input, out var property) is { } problem)
                    errors.Add(problem.AsRow(HubSpotError.Named("name", input.Name)));
                else
                    added.Add(property);
            }

            return BatchAnswer.Of(added, errors, account.Now(), StatusCodes.Status201Created);
        }
    }

    private static IResult ReadBatch(ObjectType type, BatchInput<PropertyName> body, Account account)
    {
        if (BatchInput.Check(body.Inputs, BatchInput.MaxRecords) is { } refused) return refused;
        lock (account.Gate)
        {
            var missing = body.Inputs.Where(input => account.Schema.Find(type, input.Name) is null).ToList();
            return BatchAnswer.Of(
                [.. body.Inputs.Select(input => account.Schema.Find(type, input.Name)).OfType<PropertyDefinition>()],
                [
                    .. missing.Select(input => HubSpotError
                        .NotFound($"No property named {input.Name}.")
                        .AsRow(HubSpotError.Named("name", input.Name))),
                ],
                account.Now());
        }
    }

    private static HubSpotError? Add(Account account, ObjectType type, PropertyDefinition sent, out PropertyDefinition added)
    {
        var now = account.Now();
        added = sent with
        {
            CreatedAt = now,
            UpdatedAt = now,
            HubspotDefined = false,
            Calculated = false,
            ModificationMetadata = new(Archivable: true),
        };
        if (!IsName(sent.Name))
            return HubSpotError.Validation(
                $"Property name '{sent.Name}' may have lower-case letters, digits and underscores, a letter first.");
        if (!Types.Contains(sent.Type))
            return HubSpotError.Validation($"Property type '{sent.Type}' is not one of {string.Join(", ", Types)}.");
        if (account.Schema.Find(type, sent.Name) is not null)
            return HubSpotError.Of(
                StatusCodes.Status409Conflict, "OBJECT_ALREADY_EXISTS",
                $"A property named '{sent.Name}' already exists.");
        if (sent.HasUniqueValue && account.Schema.Of(type).Values.Count(p => p.HasUniqueValue) >= MaxUniqueProperties)
            return HubSpotError.Validation($"{type.Name} already have {MaxUniqueProperties} unique properties, which is the limit.");

        account.AddProperty(type, added);
        return null;
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 100 && char.IsAsciiLetterLower(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}

internal sealed record PropertyName
{
    public required string Name { get; init; }
}
