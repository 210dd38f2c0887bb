// shows: Contributions.java ContributionsLocal.java ContributionsMerged.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "contributions")
public record Contribution(
    @Key UUID identifierOfTheContributedWork,
    @Key UUID identifierOfTheContributingPerson,
    @Key String roleOfThePersonInTheContribution,
    int position) {}
