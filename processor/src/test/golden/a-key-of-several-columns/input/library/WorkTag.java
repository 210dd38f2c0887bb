// shows: WorkTags.java WorkTagsElectric.java WorkTagsLocal.java WorkTagsMerged.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "work_tags")
public record WorkTag(@Key UUID workId, @Key String tag, int position) {}
