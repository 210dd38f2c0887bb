package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.typed.SingleWrites;
import dev.millrace.client.typed.ValuesToWrite;
import dev.millrace.client.writebuffer.WriteHandle;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * Writes {@link Contribution} rows: each is on this device when its method returns, and goes to the
 * server when somebody is signed in. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class ContributionsLocal {

  private final SyncManager.Together writes;

  /** Each write by itself. */
  public ContributionsLocal(SyncManager sync) {
    this(new SingleWrites(sync));
  }

  /** Several at once, of which the server applies all or none. */
  public ContributionsLocal(SyncManager.Together writes) {
    this.writes = writes;
  }

  /** Adds a row. What is null gets the server's default. */
  public WriteHandle create(Contribution contribution) {
    return this.writes.create(ContributionsElectric.ENTITY, values(contribution).present());
  }

  /** Changes what differs between a row as the user saw it and as it shall be. */
  public WriteHandle update(Contribution before, Contribution after) {
    return this.writes.update(
        ContributionsElectric.ENTITY,
        values(after).changesSince(values(before), ContributionsElectric.ENTITY));
  }

  /** Begins a change of some columns of a row. */
  public Edit edit(
      UUID identifierOfTheContributedWork,
      UUID identifierOfTheContributingPerson,
      String roleOfThePersonInTheContribution) {
    return new Edit(
        this.writes,
        key(
            identifierOfTheContributedWork,
            identifierOfTheContributingPerson,
            roleOfThePersonInTheContribution));
  }

  /** Deletes a row. */
  public WriteHandle delete(
      UUID identifierOfTheContributedWork,
      UUID identifierOfTheContributingPerson,
      String roleOfThePersonInTheContribution) {
    return this.writes.delete(
        ContributionsElectric.ENTITY,
        key(
                identifierOfTheContributedWork,
                identifierOfTheContributingPerson,
                roleOfThePersonInTheContribution)
            .all());
  }

  private static ValuesToWrite key(
      UUID identifierOfTheContributedWork,
      UUID identifierOfTheContributingPerson,
      String roleOfThePersonInTheContribution) {
    return new ValuesToWrite()
        .put(
            Contributions.CONTRIBUTION.IDENTIFIER_OF_THE_CONTRIBUTED_WORK,
            identifierOfTheContributedWork)
        .put(
            Contributions.CONTRIBUTION.IDENTIFIER_OF_THE_CONTRIBUTING_PERSON,
            identifierOfTheContributingPerson)
        .put(
            Contributions.CONTRIBUTION.ROLE_OF_THE_PERSON_IN_THE_CONTRIBUTION,
            roleOfThePersonInTheContribution);
  }

  private static ValuesToWrite values(Contribution contribution) {
    return new ValuesToWrite()
        .put(
            Contributions.CONTRIBUTION.IDENTIFIER_OF_THE_CONTRIBUTED_WORK,
            contribution.identifierOfTheContributedWork())
        .put(
            Contributions.CONTRIBUTION.IDENTIFIER_OF_THE_CONTRIBUTING_PERSON,
            contribution.identifierOfTheContributingPerson())
        .put(
            Contributions.CONTRIBUTION.ROLE_OF_THE_PERSON_IN_THE_CONTRIBUTION,
            contribution.roleOfThePersonInTheContribution())
        .put(Contributions.CONTRIBUTION.POSITION, contribution.position());
  }

  /** A change of some columns of a row, made when it is saved. One thread. */
  public static final class Edit {

    private final SyncManager.Together writes;
    private final ValuesToWrite values;

    private Edit(SyncManager.Together writes, ValuesToWrite values) {
      this.writes = writes;
      this.values = values;
    }

    public Edit position(Integer position) {
      this.values.put(Contributions.CONTRIBUTION.POSITION, position);
      return this;
    }

    /** Makes the change. */
    public WriteHandle save() {
      return this.writes.update(ContributionsElectric.ENTITY, this.values.all());
    }
  }
}
