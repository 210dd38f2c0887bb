package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.typed.SingleWrites;
import dev.millrace.client.typed.ValuesToWrite;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.protocol.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * Writes {@link Specimen} rows: each is on this device when its method returns, and goes to the
 * server when somebody is signed in. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class SpecimensLocal {

  private final SyncManager.Together writes;

  /** Each write by itself. */
  public SpecimensLocal(SyncManager sync) {
    this(new SingleWrites(sync));
  }

  /** Several at once, of which the server applies all or none. */
  public SpecimensLocal(SyncManager.Together writes) {
    this.writes = writes;
  }

  /** Adds a row. What is null gets the server's default. */
  public WriteHandle create(Specimen specimen) {
    return this.writes.create(SpecimensElectric.ENTITY, values(specimen).present());
  }

  /** Changes what differs between a row as the user saw it and as it shall be. */
  public WriteHandle update(Specimen before, Specimen after) {
    return this.writes.update(
        SpecimensElectric.ENTITY,
        values(after).changesSince(values(before), SpecimensElectric.ENTITY));
  }

  /** Begins a change of some columns of a row. */
  public Edit edit(UUID id) {
    return new Edit(this.writes, key(id));
  }

  /** Deletes a row. */
  public WriteHandle delete(UUID id) {
    return this.writes.delete(SpecimensElectric.ENTITY, key(id).all());
  }

  private static ValuesToWrite key(UUID id) {
    return new ValuesToWrite().put(Specimens.SPECIMEN.ID, id);
  }

  private static ValuesToWrite values(Specimen specimen) {
    return new ValuesToWrite()
        .put(Specimens.SPECIMEN.ID, specimen.id())
        .put(Specimens.SPECIMEN.IS_FREE, specimen.isFree())
        .put(Specimens.SPECIMEN.IS_BOXED, specimen.isBoxed())
        .put(Specimens.SPECIMEN.SMALL, specimen.small())
        .put(Specimens.SPECIMEN.SMALL_BOXED, specimen.smallBoxed())
        .put(Specimens.SPECIMEN.NUMBER, specimen.number())
        .put(Specimens.SPECIMEN.NUMBER_BOXED, specimen.numberBoxed())
        .put(Specimens.SPECIMEN.LARGE, specimen.large())
        .put(Specimens.SPECIMEN.LARGE_BOXED, specimen.largeBoxed())
        .put(Specimens.SPECIMEN.RATIO, specimen.ratio())
        .put(Specimens.SPECIMEN.RATIO_BOXED, specimen.ratioBoxed())
        .put(Specimens.SPECIMEN.EXACT_RATIO, specimen.exactRatio())
        .put(Specimens.SPECIMEN.EXACT_RATIO_BOXED, specimen.exactRatioBoxed())
        .put(Specimens.SPECIMEN.AMOUNT, specimen.amount())
        .put(Specimens.SPECIMEN.TEXT, specimen.text())
        .put(Specimens.SPECIMEN.DAY, specimen.day())
        .put(Specimens.SPECIMEN.TIME, specimen.time())
        .put(Specimens.SPECIMEN.MOMENT, specimen.moment())
        .put(Specimens.SPECIMEN.INSTANT, specimen.instant())
        .put(Specimens.SPECIMEN.BYTES, specimen.bytes())
        .put(Specimens.SPECIMEN.DOCUMENT, specimen.document());
  }

  /** A change of some columns of a row, made when it is saved. One thread. */
  public static final class Edit {

    private final SyncManager.Together writes;
    private final ValuesToWrite values;

    private Edit(SyncManager.Together writes, ValuesToWrite values) {
      this.writes = writes;
      this.values = values;
    }

    public Edit isFree(Boolean isFree) {
      this.values.put(Specimens.SPECIMEN.IS_FREE, isFree);
      return this;
    }

    public Edit isBoxed(Boolean isBoxed) {
      this.values.put(Specimens.SPECIMEN.IS_BOXED, isBoxed);
      return this;
    }

    public Edit small(Short small) {
      this.values.put(Specimens.SPECIMEN.SMALL, small);
      return this;
    }

    public Edit smallBoxed(Short smallBoxed) {
      this.values.put(Specimens.SPECIMEN.SMALL_BOXED, smallBoxed);
      return this;
    }

    public Edit number(Integer number) {
      this.values.put(Specimens.SPECIMEN.NUMBER, number);
      return this;
    }

    public Edit numberBoxed(Integer numberBoxed) {
      this.values.put(Specimens.SPECIMEN.NUMBER_BOXED, numberBoxed);
      return this;
    }

    public Edit large(Long large) {
      this.values.put(Specimens.SPECIMEN.LARGE, large);
      return this;
    }

    public Edit largeBoxed(Long largeBoxed) {
      this.values.put(Specimens.SPECIMEN.LARGE_BOXED, largeBoxed);
      return this;
    }

    public Edit ratio(Float ratio) {
      this.values.put(Specimens.SPECIMEN.RATIO, ratio);
      return this;
    }

    public Edit ratioBoxed(Float ratioBoxed) {
      this.values.put(Specimens.SPECIMEN.RATIO_BOXED, ratioBoxed);
      return this;
    }

    public Edit exactRatio(Double exactRatio) {
      this.values.put(Specimens.SPECIMEN.EXACT_RATIO, exactRatio);
      return this;
    }

    public Edit exactRatioBoxed(Double exactRatioBoxed) {
      this.values.put(Specimens.SPECIMEN.EXACT_RATIO_BOXED, exactRatioBoxed);
      return this;
    }

    public Edit amount(BigDecimal amount) {
      this.values.put(Specimens.SPECIMEN.AMOUNT, amount);
      return this;
    }

    public Edit text(String text) {
      this.values.put(Specimens.SPECIMEN.TEXT, text);
      return this;
    }

    public Edit day(LocalDate day) {
      this.values.put(Specimens.SPECIMEN.DAY, day);
      return this;
    }

    public Edit time(LocalTime time) {
      this.values.put(Specimens.SPECIMEN.TIME, time);
      return this;
    }

    public Edit moment(LocalDateTime moment) {
      this.values.put(Specimens.SPECIMEN.MOMENT, moment);
      return this;
    }

    public Edit instant(Instant instant) {
      this.values.put(Specimens.SPECIMEN.INSTANT, instant);
      return this;
    }

    public Edit bytes(byte[] bytes) {
      this.values.put(Specimens.SPECIMEN.BYTES, bytes);
      return this;
    }

    public Edit document(Json document) {
      this.values.put(Specimens.SPECIMEN.DOCUMENT, document);
      return this;
    }

    /** Makes the change. */
    public WriteHandle save() {
      return this.writes.update(SpecimensElectric.ENTITY, this.values.all());
    }
  }
}
