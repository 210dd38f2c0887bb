package dev.millrace.server.http;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * The body of a write: JSON, perhaps packed. It is unpacked twice: first only to see how large it
 * is, so that one that is too large never lies in memory.
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
record WriteBody(Packing packing, byte[] bytes) {

  /** How a body is packed. */
  enum Packing {
    NONE,
    GZIP,
    ZSTD;

    /** What a request says of its body; empty if we do not know it. */
    static Optional<Packing> of(HttpHeaders headers) {
      List<String> said = headers.getAll("content-encoding");
      if (said.size() > 1) {
        return Optional.empty();
      }
      return switch (said.isEmpty() ? "" : said.getFirst().strip().toLowerCase(Locale.ROOT)) {
        case "", "identity" -> Optional.of(NONE);
        case "gzip", "x-gzip" -> Optional.of(GZIP);
        case "zstd" -> Optional.of(ZSTD);
        default -> Optional.empty();
      };
    }
  }

  /** The window that a zstd decoder must have for the web (RFC 8878): 8 MiB; more is refused. */
  private static final int LARGEST_WINDOW_LOG = 23;

  private static final int PIECE_BYTES = 8 << 10;

  private InputStream unpacked() throws IOException {
    InputStream packed = new ByteArrayInputStream(bytes);
    return switch (packing) {
      case NONE -> packed;
      case GZIP -> new GZIPInputStream(packed, PIECE_BYTES);
      case ZSTD -> new ZstdInputStreamNoFinalizer(packed).setLongMax(LARGEST_WINDOW_LOG);
    };
  }

  /**
   * How many bytes it has unpacked, or {@code limit} + 1 if it has more than {@code limit}.
   *
   * @throws IOException if it cannot be unpacked
   */
  int size(int limit) throws IOException {
    if (packing == Packing.NONE) {
      return Math.min(bytes.length, limit + 1);
    }
    byte[] piece = new byte[PIECE_BYTES];
    int size = 0;
    try (InputStream in = unpacked()) {
      while (size <= limit) {
        int read = in.read(piece);
        if (read < 0) {
          return size;
        }
        size += read;
      }
      return limit + 1;
    }
  }

  /**
   * The document that it is.
   *
   * @param size of {@link #size}
   * @throws InvalidJson if it is none
   */
  Json json(int size, JsonLimits limits) throws IOException, InvalidJson {
    if (packing == Packing.NONE) {
      return JsonReader.read(bytes, limits);
    }
    try (InputStream in = unpacked()) {
      return JsonReader.read(in.readNBytes(size), limits);
    }
  }
}
