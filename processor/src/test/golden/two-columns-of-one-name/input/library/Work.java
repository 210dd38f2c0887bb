package library;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works")
public record Work(
    @Key UUID id, String title, @Column("title") String name, String bookTitle, @Column("a") String book_title, @Column("TITLE") String big) {}
