// shows: Classes.java ClassesLocal.java ClassesMerged.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "classes")
public record Class(@Key UUID writes, String sync, int local, int values, String in, String object, String row, boolean save) {}
