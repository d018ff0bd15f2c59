using CrmGrains.Host.Configuration;

namespace CrmGrains.Tests.Configuration;

public sealed class SecretsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crmgrains-secrets-").FullName;
    private readonly ManualClock _clock = new();
    private readonly Dictionary<string, string> _environment = [];
    private readonly Secrets _secrets;

    public SecretsTests() => _secrets = new Secrets(_clock, name => _environment.GetValueOrDefault(name));

    private string SecretFile => Path.Combine(_folder, "secret");

    private string FileReference => $"file:{SecretFile}";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_variable_and_a_file_are_read_without_their_trailing_newline()
    {
        _environment["TOKEN"] = "abc";
        File.WriteAllText(SecretFile, "  with spaces \n");

        Assert.Equal("abc", _secrets.Resolve("env:TOKEN"));
        Assert.Equal("  with spaces ", _secrets.Resolve(FileReference));
    }

    [Fact]
    public void What_a_reference_stands_for_is_looked_up_each_time()
    {
        Assert.False(_secrets.TryResolve("env:TOKEN", out _));
        _environment["TOKEN"] = "old";
        Assert.Equal("old", _secrets.Resolve("env:TOKEN"));
        _environment["TOKEN"] = "new";
        Assert.Equal("new", _secrets.Resolve("env:TOKEN"));
    }

    [Fact]
    public void A_rotated_file_is_read_again_and_not_more_often_than_once_a_second()
    {
        File.WriteAllText(SecretFile, "old");
        Assert.Equal("old", _secrets.Resolve(FileReference));

        File.WriteAllText(SecretFile, "new");
        _clock.Advance(TimeSpan.FromMilliseconds(900));
        Assert.Equal("old", _secrets.Resolve(FileReference));
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("new", _secrets.Resolve(FileReference));
    }

    [Fact]
    public void A_mounted_secret_that_is_exchanged_behind_its_link_is_read_again()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "v1"));
        Directory.CreateDirectory(Path.Combine(_folder, "v2"));
        File.WriteAllText(Path.Combine(_folder, "v1", "secret"), "old");
        File.WriteAllText(Path.Combine(_folder, "v2", "secret"), "new");
        var data = Path.Combine(_folder, "data");
        Directory.CreateSymbolicLink(data, Path.Combine(_folder, "v1"));
        Assert.Equal("old", _secrets.Resolve($"file:{data}/secret"));

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, Path.Combine(_folder, "v2"));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("new", _secrets.Resolve($"file:{data}/secret"));
    }

    [Fact]
    public void A_file_that_is_empty_for_a_moment_keeps_its_value_and_one_that_stays_away_loses_it()
    {
        File.WriteAllText(SecretFile, "old");
        Assert.Equal("old", _secrets.Resolve(FileReference));

        File.WriteAllText(SecretFile, "");
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("old", _secrets.Resolve(FileReference));

        File.Delete(SecretFile);
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.False(_secrets.TryResolve(FileReference, out _));
    }

    [Fact]
    public void What_is_missing_is_named_by_its_reference()
    {
        var variable = Assert.Throws<SecretMissingException>(() => _secrets.Resolve("env:TOKEN"));
        var file = Assert.Throws<SecretMissingException>(() => _secrets.Resolve(FileReference));

        Assert.StartsWith("env:TOKEN has no value.", variable.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{FileReference} has no value.", file.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_appears_is_found()
    {
        Assert.False(_secrets.TryResolve(FileReference, out _));
        File.WriteAllText(SecretFile, "new");
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("new", _secrets.Resolve(FileReference));
    }

    [Theory]
    [InlineData("topsecret")]
    [InlineData("env:topsecret")]
    [InlineData("env:TOKEN|topsecret")]
    public void What_is_no_reference_resolves_to_nothing_and_is_not_shown(string text)
    {
        var missing = Assert.Throws<SecretMissingException>(() => _secrets.Resolve(text));

        Assert.DoesNotContain("topsecret", missing.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_is_itself_or_what_its_variable_says_or_its_default()
    {
        const string Reference = "env:CRM_URL|http://127.0.0.1:8090";

        Assert.Equal(new Uri("https://crm.test/"), _secrets.Address("https://crm.test"));
        Assert.Equal(new Uri("http://127.0.0.1:8090"), _secrets.Address(Reference));
        _environment["CRM_URL"] = "https://crm.test";
        Assert.Equal(new Uri("https://crm.test/"), _secrets.Address(Reference));
    }

    [Theory]
    [InlineData("https://user:topsecret@crm.test")]
    [InlineData("topsecret")]
    public void An_address_that_is_none_is_refused_and_not_shown(string value)
    {
        _environment["CRM_URL"] = value;

        var missing = Assert.Throws<SecretMissingException>(() => _secrets.Address("env:CRM_URL"));

        Assert.StartsWith("env:CRM_URL isn't an http or https address", missing.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", missing.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_references_of_a_workspace_that_have_no_value_are_listed()
    {
        _environment["HUBSPOT_TOKEN"] = "topsecret";

        var missing = _secrets.MissingOf(Demo.Configuration);

        Assert.Superset(new HashSet<string> { "env:DIAGNOSTIC_SECRET", "env:GENERIC_SECRET", "env:STRIPE_SECRET" }, missing.ToHashSet());
        Assert.DoesNotContain("env:HUBSPOT_TOKEN", missing);
    }

    [Fact]
    public async Task Many_readers_see_the_old_or_the_new_value_while_a_file_is_rotated()
    {
        File.WriteAllText(SecretFile, "old");
        var seen = await Task.WhenAll(Enumerable.Range(0, 8).Select(reader => Task.Run(() =>
        {
            var values = new HashSet<string>();
            for (var i = 0; i < 2000; i++)
            {
                if (reader == 0 && i % 100 == 0)
                {
                    var next = Path.Combine(_folder, "next");
                    File.WriteAllText(next, i % 200 == 0 ? "new" : "old");
                    File.Move(next, SecretFile, overwrite: true);
                    _clock.Advance(TimeSpan.FromSeconds(1));
                }

                values.Add(_secrets.Resolve(FileReference));
            }

            return values;
        })));

        Assert.All(seen.SelectMany(values => values), value => Assert.Contains(value, new[] { "old", "new" }));
    }
}
