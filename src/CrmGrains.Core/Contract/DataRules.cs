using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace CrmGrains.Core.Contract;

/// <summary>Holds <c>data</c> against the schema of its type.</summary>
internal static class DataRules
{
    /// <summary>How deep objects and lists of <c>data</c> may be nested.</summary>
    public const int MaxDepth = 32;

    /// <summary>The most entries of any object or list in <c>data</c>.</summary>
    public const int MaxEntries = 1_000;

    // Most texts fit here; the others borrow.
    private const int TextOnStack = 512;

    public static void Check(EventSchema schema, JsonElement? data, ref ContractFaults faults)
    {
        var isThere = data is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) };
        if (isThere && JsonMarshal.GetRawUtf8Value(data.GetValueOrDefault()).Length > ContractValidator.MaxDataBytes)
        {
            faults.Add("data", "too_large");
            return;
        }

        if (isThere && BoundFaultOf(data.GetValueOrDefault(), 0) is { } code)
        {
            faults.Add("data", code);
            return;
        }

        if (schema.Type == EventSchema.Custom)
            return;
        if (isThere && data?.ValueKind != JsonValueKind.Object)
        {
            faults.Add("data", "not_an_object");
            return;
        }

        for (var i = 0; i < schema.Fields.Count; i++)
        {
            var field = schema.Fields[i];
            if (isThere && data.GetValueOrDefault().TryGetProperty(field.Name, out var value))
                Check(field, value, ref faults);
            else if (field.IsRequired)
                faults.Add($"data.{field.Name}", "missing");
        }
    }

    private static void Check(FieldSchema field, JsonElement value, ref ContractFaults faults)
    {
        var isAbsent = value.ValueKind == JsonValueKind.Null || (value.ValueKind == JsonValueKind.String && value.ValueEquals(""));
        if (isAbsent)
        {
            if (field.IsRequired)
                faults.Add($"data.{field.Name}", "missing");
            return;
        }

        if (field.Kind == FieldKind.Names && value.ValueKind == JsonValueKind.Array)
            CheckNames(field, value, ref faults);
        else if (FaultOf(field, value) is { } code)
            faults.Add($"data.{field.Name}", code);
    }

    private static string? FaultOf(FieldSchema field, JsonElement value) => field.Kind switch
    {
        FieldKind.Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : "flag_invalid",
        FieldKind.Object => value.ValueKind == JsonValueKind.Object ? null : "not_an_object",
        FieldKind.Names => "not_a_list",
        FieldKind.Number or FieldKind.Count or FieldKind.Amount =>
            value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) ? NumberRules.FaultOf(field.Kind, number) : "number_invalid",
        _ => value.ValueKind == JsonValueKind.String ? FaultOfText(field, value) : "not_text",
    };

    private static void CheckNames(FieldSchema field, JsonElement list, ref ContractFaults faults)
    {
        if (list.GetArrayLength() > field.MaxItems)
        {
            faults.Add($"data.{field.Name}", "list_too_long");
            return;
        }

        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            if ((item.ValueKind == JsonValueKind.String ? FaultOfText(field, item) : "not_text") is { } code)
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"data.{field.Name}.{index}"), code);
            index++;
        }
    }

    private static string? FaultOfText(FieldSchema field, JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        // Each of its characters takes one byte at least, and at most six as an escape.
        if (raw.Length - 2 > 6L * field.MaxLength)
            return "too_long";
        char[]? borrowed = null;
        Span<char> buffer = raw.Length <= TextOnStack ? stackalloc char[TextOnStack] : borrowed = ArrayPool<char>.Shared.Rent(raw.Length);
        try
        {
            var reader = new Utf8JsonReader(raw);
            reader.Read();
            var text = buffer[..reader.CopyString(buffer)];
            if (field.IsRequired && text.IsWhiteSpace())
                return "missing";
            return TextRules.FaultOf(field, text);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, as an escape, is JSON that no text can be made of.
            return "invalid_unicode";
        }
        finally
        {
            if (borrowed is not null)
                ArrayPool<char>.Shared.Return(borrowed, clearArray: true);
        }
    }

    private static string? BoundFaultOf(JsonElement value, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object or JsonValueKind.Array when depth == MaxDepth:
                return "too_deep";
            case JsonValueKind.Object:
                if (value.GetPropertyCount() > MaxEntries)
                    return "list_too_long";
                foreach (var property in value.EnumerateObject())
                {
                    if (BoundFaultOf(property.Value, depth + 1) is { } code)
                        return code;
                }

                return null;
            case JsonValueKind.Array:
                if (value.GetArrayLength() > MaxEntries)
                    return "list_too_long";
                foreach (var item in value.EnumerateArray())
                {
                    if (BoundFaultOf(item, depth + 1) is { } code)
                        return code;
                }

                return null;
            default:
                return null;
        }
    }
}
