using Microsoft.Win32.SafeHandles;

namespace CrmGrains.Checker;

/// <summary>Texts in a temporary file of the reader's own, gone when it is closed; in memory is only where each begins.</summary>
internal sealed class TextFile : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly string _path;
    private readonly FileStream _writer;
    private readonly SafeFileHandle _reader;
    private long _length;

    public TextFile()
    {
        _path = Path.GetTempFileName();
        _writer = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.Read | FileShare.Delete, BufferBytes);
        _reader = File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    public StoredText Add(byte[] utf8)
    {
        _writer.Write(utf8);
        var text = new Kept(this, _length, utf8.Length);
        _length += utf8.Length;
        return text;
    }

    /// <summary>Must be called before a text is read.</summary>
    public void Flush() => _writer.Flush();

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
        File.Delete(_path);
    }

    private sealed class Kept(TextFile file, long offset, int length) : StoredText
    {
        public override byte[] Read()
        {
            var utf8 = new byte[length];
            for (var read = 0; read < length;)
            {
                var more = RandomAccess.Read(file._reader, utf8.AsSpan(read), offset + read);
                read += more > 0 ? more : throw new EndOfStreamException("A text was read before it was flushed.");
            }

            return utf8;
        }
    }
}
