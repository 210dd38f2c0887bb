package dev.millrace.client.typed;

import dev.millrace.client.SyncManager;
import dev.millrace.client.store.Entity;
import dev.millrace.client.writebuffer.WriteHandle;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes each of which stands alone, beside those that are made together. Any thread. */
public record SingleWrites(SyncManager sync) implements SyncManager.Together {

  @Override
  public WriteHandle create(Entity entity, Map<String, ? extends @Nullable Object> values) {
    return sync.rows(entity).create(values);
  }

  @Override
  public WriteHandle update(Entity entity, Map<String, ? extends @Nullable Object> values) {
    return sync.rows(entity).update(values);
  }

  @Override
  public WriteHandle delete(Entity entity, Map<String, ? extends @Nullable Object> key) {
    return sync.rows(entity).delete(key);
  }
}
