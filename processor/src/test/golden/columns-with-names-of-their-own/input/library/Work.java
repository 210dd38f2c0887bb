// shows: WorksColumns.java WorksElectric.java library.Works.json
package library;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works")
public record Work(
    @Key UUID id,
    @Column("work_title") String title,
    @Column("publishedIn") int year,
    String bookURL,
    String address2Line,
    String sha256) {}
