// shows: WorksElectric.java
package library;

import dev.millrace.annotations.Index;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works", priority = 2, where = "year > 1900 and title <> 'a \"quoted\" one'")
@Index({"title", "year"})
@Index("year")
public record Work(@Key UUID id, @Index String title, int year) {}
