package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.query.Condition;
import dev.millrace.client.query.LiveQuery;
import dev.millrace.client.query.Order;
import dev.millrace.client.store.Entity;
import dev.millrace.client.typed.TypedQuery;
import dev.millrace.client.writebuffer.WriteHandle;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * The {@link Contribution} rows of table {@code contributions} on this device: read and written
 * here at once, online or off. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class Contributions {

  /** The columns, of which conditions and orders are made. */
  public static final ContributionsColumns CONTRIBUTION = new ContributionsColumns();

  /** For the settings of the client: what it shall sync. */
  public static final Entity ENTITY = ContributionsElectric.ENTITY;

  private final ContributionsLocal local;
  private final ContributionsElectric electric;
  private final ContributionsMerged merged;
  private final ContributionsCleanup cleanup;

  public Contributions(SyncManager sync) {
    this.local = new ContributionsLocal(sync);
    this.electric = new ContributionsElectric(sync);
    this.merged = new ContributionsMerged(sync);
    this.cleanup = new ContributionsCleanup(sync);
  }

  /** Adds a row; see {@link ContributionsLocal#create}. */
  public WriteHandle create(Contribution contribution) {
    return this.local.create(contribution);
  }

  /** Changes what differs between a row as the user saw it and as it shall be. */
  public WriteHandle update(Contribution before, Contribution after) {
    return this.local.update(before, after);
  }

  /** Begins a change of some columns of a row. */
  public ContributionsLocal.Edit edit(
      UUID identifierOfTheContributedWork,
      UUID identifierOfTheContributingPerson,
      String roleOfThePersonInTheContribution) {
    return this.local.edit(
        identifierOfTheContributedWork,
        identifierOfTheContributingPerson,
        roleOfThePersonInTheContribution);
  }

  /** Deletes a row. */
  public WriteHandle delete(
      UUID identifierOfTheContributedWork,
      UUID identifierOfTheContributingPerson,
      String roleOfThePersonInTheContribution) {
    return this.local.delete(
        identifierOfTheContributedWork,
        identifierOfTheContributingPerson,
        roleOfThePersonInTheContribution);
  }

  /** The row with that key. */
  public Optional<Contribution> find(
      UUID identifierOfTheContributedWork,
      UUID identifierOfTheContributingPerson,
      String roleOfThePersonInTheContribution) {
    return this.merged.find(
        identifierOfTheContributedWork,
        identifierOfTheContributingPerson,
        roleOfThePersonInTheContribution);
  }

  /** All rows, in the order of their keys. */
  public List<Contribution> all() {
    return query().list();
  }

  /** All rows, to be narrowed, listed, or shown live. */
  public TypedQuery<Contribution> query() {
    return this.merged.query();
  }

  /** Rows that meet a condition. */
  public TypedQuery<Contribution> where(Condition condition) {
    return query().where(condition);
  }

  /** All rows in that order. */
  public TypedQuery<Contribution> orderBy(Order order) {
    return query().orderBy(order);
  }

  /** All rows, now and after each change. */
  public LiveQuery<Contribution> live() {
    return query().live();
  }

  /** How the rows of the server come here. */
  public ContributionsElectric electric() {
    return this.electric;
  }

  /** How the changes made here go, once the server shows them. */
  public ContributionsCleanup cleanup() {
    return this.cleanup;
  }
}
