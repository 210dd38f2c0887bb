package dev.millrace.server.filter;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongBiFunction;

/**
 * What was used last, by key: when all together is too heavy, what nobody has asked for goes first.
 * Any thread.
 */
public final class RecentlyUsed<K, V> {

  private final long most;
  private final ToLongBiFunction<K, V> weight;
  private final Map<K, V> values = new LinkedHashMap<>(16, 0.75f, true);
  private long weighs;

  /**
   * An empty one.
   *
   * @param most that all entries may weigh together
   */
  public RecentlyUsed(long most, ToLongBiFunction<K, V> weight) {
    this.most = most;
    this.weight = weight;
  }

  public synchronized Optional<V> get(K key) {
    return Optional.ofNullable(values.get(key));
  }

  public synchronized void put(K key, V value) {
    V replaced = values.put(key, value);
    weighs += weight.applyAsLong(key, value);
    weighs -= replaced == null ? 0 : weight.applyAsLong(key, replaced);
    Iterator<Map.Entry<K, V>> eldest = values.entrySet().iterator();
    while (weighs > most && eldest.hasNext()) {
      Map.Entry<K, V> entry = eldest.next();
      weighs -= weight.applyAsLong(entry.getKey(), entry.getValue());
      eldest.remove();
    }
  }
}
