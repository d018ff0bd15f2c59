namespace CrmGrains.Intake.Payloads;

/// <summary>What a format's bodies are.</summary>
public enum BodyKind
{
    /// <summary>JSON.</summary>
    Json,

    /// <summary><c>application/x-www-form-urlencoded</c>.</summary>
    Form,

    /// <summary><c>multipart/form-data</c>.</summary>
    Multipart,

    /// <summary>Whatever comes: nothing is refused because of its form.</summary>
    Any,
}
