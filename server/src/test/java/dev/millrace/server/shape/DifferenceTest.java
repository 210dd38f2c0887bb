package dev.millrace.server.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.JsonText;
import dev.millrace.protocol.RelationName;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.shape.ShapeDefinition.LogMode;
import dev.millrace.server.shape.ShapeDefinition.Replica;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DifferenceTest {

  private static final Column ID = column("id", 1, 0);
  private static final Column N = column("n", 2, -1);
  private static final Column ODD = column("odd \"name\"", 3, -1);
  private static final List<Column> COLUMNS = List.of(ID, N, ODD);
  private static final PgSnapshot SEEN = new PgSnapshot(7, 9, List.of(8L), 0);

  private final SplittableRandom random = new SplittableRandom(5);

  private static Column column(String name, int number, int keyIndex) {
    return new Column(name, number, "text", 25, 0, -1, false, Column.Generation.NONE, keyIndex);
  }

  private static Projection projection(Replica replica) {
    return new Projection(
        1,
        new RelationName("public", "t"),
        false,
        COLUMNS,
        List.of(ID),
        List.of(),
        true,
        replica,
        LogMode.FULL,
        Optional.empty());
  }

  private static byte[] bytes(Difference.Part part) {
    byte[] bytes = new byte[part.messages().length()];
    part.messages().run().get(bytes);
    return bytes;
  }

  private String row(int id) {
    return ",{\"key\":\"k/%d\",\"value\":{\"id\":\"%d\",\"n\":%s,%s:%s},\"headers\":{\"operation\":\"insert\"}}"
        .formatted(id, id, text(), JsonText.quote(ODD.name()), text());
  }

  private String text() {
    List<String> texts = List.of("null", "\"\"", "\"a\"", "\"\\\"\\n\\u0001😀\"", "\"null\"");
    return texts.get(random.nextInt(texts.size()));
  }

  private ToldRows rows(int most) throws IOException {
    StringBuilder run = new StringBuilder();
    for (int id = 0; id < most; id++) {
      run.append(random.nextInt(3) > 0 ? row(id) : "");
    }
    ToldRows rows = new ToldRows(COLUMNS);
    rows.add(run.toString().getBytes(StandardCharsets.UTF_8));
    return rows;
  }

  @ParameterizedTest
  @EnumSource(Replica.class)
  void whoTakesItUpHasTheRowsOfAfterwards(Replica replica) throws IOException {
    for (int round = 0; round < 300; round++) {
      int most = random.nextInt(30);
      ToldRows before = rows(most);
      ToldRows after = rows(most);
      int growth = after.rows().size() - before.rows().size();
      List<Difference.Part> parts =
          new Difference(projection(replica), 42, 7, random.nextInt(1, 2000))
              .between(before, after, SEEN);

      long op = -1;
      for (Difference.Part part : parts) {
        growth -= part.growth();
        before.add(bytes(part));
        for (int i = 0; i < part.messages().count(); i++) {
          assertThat(part.messages().tx(i)).isEqualTo(42);
          assertThat(part.messages().op(i)).isEqualTo(++op);
        }
        boolean endsAtFirst = op == 0;
        assertThat(endsAtFirst).isEqualTo(endsAtFirst && parts.size() == 1);
      }
      assertThat(growth).isZero();
      assertThat(before.rows()).hasSameSizeAs(after.rows());
      after.rows().forEach((key, row) -> assertThat(before.rows().get(key)).isEqualTo(row));
    }
  }

  @Test
  void changesTellAsMuchAsAnyOther() throws IOException {
    ToldRows before = new ToldRows(COLUMNS);
    before.add(
        """
        ,{"key":"k/1","value":{"id":"1","n":"1","odd \\"name\\"":null},"headers":{"operation":"insert"}}\
        ,{"key":"k/2","value":{"id":"2","n":"1","odd \\"name\\"":"x"},"headers":{"operation":"insert"}}\
        """
            .getBytes(StandardCharsets.UTF_8));
    ToldRows after = new ToldRows(COLUMNS);
    after.add(
        """
        ,{"key":"k/1","value":{"id":"1","n":"2","odd \\"name\\"":null},"headers":{"operation":"insert"}}\
        """
            .getBytes(StandardCharsets.UTF_8));
    String end =
        ",{\"headers\":{\"control\":\"snapshot-end\",\"xmin\":\"7\",\"xmax\":\"9\",\"xip_list\":[\"8\"]}}";

    assertThat(told(Replica.DEFAULT, before, after))
        .isEqualTo(
            """
            ,{"key":"k/2","value":{"id":"2"},"headers":{"operation":"delete","relation":["public","t"],"txids":[7],"lsn":"42","op_position":0}}\
            ,{"key":"k/1","value":{"id":"1","n":"2"},"headers":{"operation":"update","relation":["public","t"],"txids":[7],"lsn":"42","op_position":1,"last":true}}\
            """
                + end);
    assertThat(told(Replica.FULL, before, after))
        .isEqualTo(
            """
            ,{"key":"k/2","value":{"id":"2","n":"1","odd \\"name\\"":"x"},"headers":{"operation":"delete","relation":["public","t"],"txids":[7],"lsn":"42","op_position":0}}\
            ,{"key":"k/1","value":{"id":"1","n":"2","odd \\"name\\"":null},"old_value":{"n":"1"},"headers":{"operation":"update","relation":["public","t"],"txids":[7],"lsn":"42","op_position":1,"last":true}}\
            """
                + end);
    assertThat(told(Replica.DEFAULT, after, after)).isEqualTo(end);
  }

  private static String told(Replica replica, ToldRows before, ToldRows after) {
    StringBuilder told = new StringBuilder();
    for (Difference.Part part :
        new Difference(projection(replica), 42, 7, 1 << 20).between(before, after, SEEN)) {
      told.append(StandardCharsets.UTF_8.decode(part.messages().run()));
    }
    return told.toString();
  }
}
