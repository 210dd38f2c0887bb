package library;

import dev.millrace.annotations.Synced;

@Synced(table = "works")
public class Work {
  @Synced(table = "kinds")
  interface Kind {}
}
