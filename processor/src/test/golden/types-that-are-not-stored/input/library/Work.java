package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import dev.millrace.protocol.Json;
import java.net.URI;
import java.time.OffsetDateTime;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

@Synced(table = "works")
public record Work(
    @Key UUID id,
    Date a,
    OffsetDateTime b,
    Map<String, String> c,
    int[] d,
    char e,
    Byte f,
    Object g,
    URI h,
    List<List<String>> i,
    List<URI> j,
    List<Json> k,
    Optional<Optional<String>> l,
    java.util.ArrayList<String> m) {}
