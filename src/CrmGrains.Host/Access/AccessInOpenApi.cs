using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace CrmGrains.Host.Access;

/// <summary>Has the API's document say who may call each operation: the scope that a key needs, and how far it goes.</summary>
internal sealed class AccessInOpenApi : IOpenApiOperationTransformer
{
    public const string ScopeName = "x-scope";
    public const string ExtentName = "x-extent";

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessRule>().LastOrDefault() is not { Scope: { } scope } rule)
            return Task.CompletedTask;
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
        operation.Extensions[ScopeName] = new JsonNodeExtension(JsonValue.Create(scope));
        operation.Extensions[ExtentName] = new JsonNodeExtension(JsonValue.Create(rule.Extent.ToString().ToLowerInvariant()));
        return Task.CompletedTask;
    }
}
