using System.Globalization;
using System.Text;

namespace CrmGrains.IntegrationTests.Gateway.Fuzz;

/// <summary>Bodies: a vendor's own with changes, and what no vendor sends.</summary>
internal static class FuzzedBody
{
    private const int Limit = 1024 * 1024;

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "0", "-1", "1e999", "\"\"", "{}", "[]", "\\u0000", "\\ud800", "\0", "\n", "é", "💥",
        "&", "=", "%", "%E9", "%00", "--", "\r\n", "\r\n\r\n", "; name=\"", "=?utf-8?b?", "<html>", "\"email\":\"x\",",
    ];

    /// <summary>A good body with other digits, so that it is another delivery, and up to four changes.</summary>
    public static byte[] Changed(Random random, byte[] sample)
    {
        byte[] body = [.. sample];
        if (random.Next(4) > 0)
        {
            for (var at = 0; at < body.Length; at++)
            {
                if (char.IsAsciiDigit((char)body[at]) && random.Next(3) == 0)
                    body[at] = (byte)('0' + random.Next(10));
            }
        }

        for (var changes = random.Next(5); changes > 0 && body.Length > 0; changes--)
        {
            var from = random.Next(body.Length);
            var to = Math.Min(body.Length, from + random.Next(1, 40));
            var piece = Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]);
            body = random.Next(5) switch
            {
                0 => [.. body[..from], .. body[to..]],
                1 => [.. body[..from], .. piece, .. body[from..]],
                2 => [.. body[..from], .. piece, .. body[to..]],
                3 => body[..from],
                _ => [.. body[..from], (byte)random.Next(256), .. body[(from + 1)..]],
            };
        }

        return body;
    }

    /// <summary>What nobody sends on purpose.</summary>
    public static byte[] Odd(Random random) => random.Next(12) switch
    {
        0 => [],
        1 => Bytes(random, random.Next(1, 4_000)),
        2 => Encoding.ASCII.GetBytes(new string('[', random.Next(1, 2_000))),
        3 => Encoding.ASCII.GetBytes($"{string.Concat(Enumerable.Repeat("{\"a\":", 60))}1{new string('}', 60)}"),
        4 => Encoding.Latin1.GetBytes($$"""{"id":"{{random.Next()}}","email":"jos{{(char)0xE9}}@example.org"}"""),
        5 => Encoding.Unicode.GetBytes($$"""{"id":"{{random.Next()}}"}"""),
        6 => Encoding.UTF8.GetBytes($"id={random.Next()}&a=%zz&{new string('&', random.Next(1, 900))}=&b=%FF%00"),
        7 => Encoding.UTF8.GetBytes($"--a\r\nContent-Disposition: form-data; name=\"from\"\r\n\r\n{random.Next()}\r\n--a\r\nContent-"),
        8 => Encoding.UTF8.GetBytes($$"""[{"id":{{random.Next()}}},null,7,"x",[],{}]"""),
        9 => Encoding.UTF8.GetBytes(Json(random, depth: 0)),
        10 => random.Next(20) == 0 ? Large(random) : Encoding.UTF8.GetBytes($"\"{random.Next()}\""),
        _ => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes($$"""{"id":{{random.Next()}}}""")],
    };

    // Just below, at and above what is taken in.
    private static byte[] Large(Random random)
    {
        var size = Limit + random.Next(-3, 3) + (random.Next(5) == 0 ? Limit : 0);
        var text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{random.Next()},\"pad\":\""));
        return [.. text, .. Enumerable.Repeat((byte)'x', Math.Max(0, size - text.Length - 2)), .. "\"}"u8];
    }

    private static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Json(Random random, int depth) => random.Next(depth > 5 ? 4 : 6) switch
    {
        0 => random.NextInt64().ToString(CultureInfo.InvariantCulture),
        1 => $"\"{(char)random.Next(0x20, 0x21)}{random.Next()}\"",
        2 => random.Next(2) == 0 ? "null" : "true",
        3 => "\"a@example.org\"",
        4 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Json(random, depth + 1)))}]",
        _ => $"{{{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(number => $"\"{Name(random)}{number}\":{Json(random, depth + 1)}"))}}}",
    };

    private static string Name(Random random) => ((string[])["id", "type", "event", "data", "email", "object", "payload", ""])[random.Next(8)];
}
