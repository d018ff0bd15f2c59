using System.Text.Json;

namespace CrmGrains.Sandbox.HubSpot.Answers;

/// <summary>The common shape of an error. All but status and message may be absent.</summary>
internal sealed record ErrorBody
{
    public string Status { get; init; } = "error";
    public required string Message { get; init; }
    public string? CorrelationId { get; init; }
    public string? Category { get; init; }
    public string? SubCategory { get; init; }
    public string? ErrorType { get; init; }
    public string? PolicyName { get; init; }
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Context { get; init; }
    public IReadOnlyList<ErrorDetail>? Errors { get; init; }
}

internal sealed record ErrorDetail(
    string Message, string? Code = null, IReadOnlyDictionary<string, IReadOnlyList<string>>? Context = null, string? In = null);

/// <summary>A value that a property does not take. Serialized into the message, as HubSpot does.</summary>
internal sealed record PropertyProblem(bool IsValid, string Message, string Error, string Name)
{
    public PropertyProblem(string name, string code, string message) : this(IsValid: false, message, code, name) { }
}

/// <summary>Why a call, or one row of a batch, was refused. As a result it answers with its status and body.</summary>
internal sealed record HubSpotError(int HttpStatus, ErrorBody Body) : IResult
{
    public static HubSpotError Of(int httpStatus, string category, string message) =>
        new(httpStatus, new ErrorBody { Message = message, Category = category });

    public static HubSpotError Validation(string message) => Of(StatusCodes.Status400BadRequest, "VALIDATION_ERROR", message);

    public static HubSpotError NotFound(string message = "resource not found") =>
        Of(StatusCodes.Status404NotFound, "OBJECT_NOT_FOUND", message);

    /// <summary>HubSpot tells the other record's id in the text only.</summary>
    public static HubSpotError ContactExists(string existingId) =>
        Of(StatusCodes.Status409Conflict, "CONFLICT", $"Contact already exists. Existing ID: {existingId}");

    public static HubSpotError InvalidProperties(IReadOnlyList<PropertyProblem> problems)
    {
        var list = JsonSerializer.Serialize(problems, SandboxJson.Relaxed.IReadOnlyListPropertyProblem);
        return new HubSpotError(StatusCodes.Status400BadRequest, new ErrorBody
        {
            Message = $"Property values were not valid: {list}",
            Category = "VALIDATION_ERROR",
            Errors = [.. problems.Select(p => new ErrorDetail(p.Message, p.Error, Named("propertyName", p.Name)))],
        });
    }

    public static HubSpotError MissingProperties(ObjectType type, IReadOnlyList<string> names) =>
        new(StatusCodes.Status400BadRequest, new ErrorBody
        {
            Message = $"Error creating {type.Singular.ToUpperInvariant()}. Some required properties were not set.",
            Category = "VALIDATION_ERROR",
            Context = Named("properties", [.. names]),
            Errors = [.. names.Select(name =>
                new ErrorDetail($"Property \"{name}\" is required.", "REQUIRED_FIELD", Named("propertyName", name)))],
        });

    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Named(string name, params string[] values) =>
        new Dictionary<string, IReadOnlyList<string>> { [name] = values };

    /// <summary>The error as one row of a 207, where details are in the text only.</summary>
    /// <param name="context">Says which row: its trace id, or its ids.</param>
    public ErrorBody AsRow(IReadOnlyDictionary<string, IReadOnlyList<string>> context) => Body with
    {
        Errors = null,
        Context = Body.Context is null ? context : Body.Context.Concat(context).ToDictionary(pair => pair.Key, pair => pair.Value),
    };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = HttpStatus;
        var body = Body with { CorrelationId = Guid.NewGuid().ToString() };
        return httpContext.Response.WriteAsJsonAsync(body, httpContext.RequestAborted);
    }
}
