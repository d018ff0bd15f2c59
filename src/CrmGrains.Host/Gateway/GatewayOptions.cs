using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace CrmGrains.Host.Gateway;

/// <summary>How deliveries are taken in; section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>The largest body of a delivery.</summary>
    [Range(1, 64 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 1024 * 1024;
}

/// <summary>Checks <see cref="GatewayOptions"/> at startup.</summary>
[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>;
