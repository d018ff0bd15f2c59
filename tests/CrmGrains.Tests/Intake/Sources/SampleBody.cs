using CrmGrains.Host.Samples;

namespace CrmGrains.Tests.Intake.Sources;

/// <summary>The payloads that <c>crmgrains send</c> sends, so that they are tested for what they are shown for.</summary>
internal static class SampleBody
{
    public static string Of(string name)
    {
        using var stream = typeof(Sample).Assembly.GetManifestResourceStream($"Samples/{name}.json");
        Assert.NotNull(stream);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
