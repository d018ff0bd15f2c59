using System.Buffers;

namespace CrmGrains.Host.Gateway;

/// <summary>Reads a body whole, up to a limit, into an array of its exact size.</summary>
internal static class RequestBody
{
    /// <returns>Null where the body is over the limit.</returns>
    public static async ValueTask<byte[]?> ReadAsync(HttpRequest request, int limitBytes, CancellationToken cancellationToken)
    {
        if (request.ContentLength > limitBytes)
            return null;
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > limitBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
