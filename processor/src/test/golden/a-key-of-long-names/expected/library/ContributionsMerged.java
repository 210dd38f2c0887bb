package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.query.Query;
import dev.millrace.client.store.Row;
import dev.millrace.client.typed.TypedQuery;
import dev.millrace.client.typed.ValuesRead;
import java.util.Optional;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * Reads {@link Contribution} rows: what the server sent, and over it what was written here. Any
 * thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class ContributionsMerged {

  private final SyncManager sync;

  public ContributionsMerged(SyncManager sync) {
    this.sync = sync;
  }

  /** All rows, to be narrowed. */
  public TypedQuery<Contribution> query() {
    return new TypedQuery<>(
        this.sync, Query.of(ContributionsElectric.ENTITY), ContributionsMerged::read);
  }

  /** The row with that key. */
  public Optional<Contribution> find(
      UUID identifierOfTheContributedWork,
      UUID identifierOfTheContributingPerson,
      String roleOfThePersonInTheContribution) {
    return query()
        .where(
            Contributions.CONTRIBUTION.IDENTIFIER_OF_THE_CONTRIBUTED_WORK.eq(
                identifierOfTheContributedWork))
        .where(
            Contributions.CONTRIBUTION.IDENTIFIER_OF_THE_CONTRIBUTING_PERSON.eq(
                identifierOfTheContributingPerson))
        .where(
            Contributions.CONTRIBUTION.ROLE_OF_THE_PERSON_IN_THE_CONTRIBUTION.eq(
                roleOfThePersonInTheContribution))
        .first();
  }

  /** The record of a row. */
  public static Contribution read(Row row) {
    ValuesRead in = ValuesRead.of("contributions", row);
    return new Contribution(
        in.required(Contributions.CONTRIBUTION.IDENTIFIER_OF_THE_CONTRIBUTED_WORK),
        in.required(Contributions.CONTRIBUTION.IDENTIFIER_OF_THE_CONTRIBUTING_PERSON),
        in.required(Contributions.CONTRIBUTION.ROLE_OF_THE_PERSON_IN_THE_CONTRIBUTION),
        in.required(Contributions.CONTRIBUTION.POSITION));
  }
}
