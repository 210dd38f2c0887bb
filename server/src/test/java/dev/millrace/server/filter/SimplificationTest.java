package dev.millrace.server.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.filter.Expression.And;
import dev.millrace.server.filter.Expression.Column;
import dev.millrace.server.filter.Expression.Constant;
import dev.millrace.server.filter.Expression.Not;
import dev.millrace.server.filter.Expression.Or;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimplificationTest {

  private static final Expression TRUE = new Constant("t", TypeName.of("boolean"));
  private static final Expression FALSE = new Constant("f", TypeName.of("boolean"));
  private static final Expression UNKNOWN = new Constant(null, TypeName.of("boolean"));
  private static final Expression A = new Column(0, "a");
  private static final Expression B = new Column(1, "b");

  @Test
  void whatIsDecidedIsLeftOut() {
    assertThat(Simplification.of(new Or(List.of(FALSE, A)))).isEqualTo(A);
    assertThat(Simplification.of(new Or(List.of(A, TRUE, B)))).isEqualTo(TRUE);
    assertThat(Simplification.of(new And(List.of(A, TRUE, B)))).isEqualTo(new And(List.of(A, B)));
    assertThat(Simplification.of(new And(List.of(A, new Not(TRUE))))).isEqualTo(FALSE);
    assertThat(
            Simplification.of(
                new Or(List.of(new And(List.of(FALSE, A)), new And(List.of(TRUE, B))))))
        .isEqualTo(B);
  }

  @Test
  void whatIsUnknownStays() {
    assertThat(Simplification.of(new Or(List.of(UNKNOWN, A))))
        .isEqualTo(new Or(List.of(UNKNOWN, A)));
    assertThat(Simplification.of(new Not(UNKNOWN))).isEqualTo(new Not(UNKNOWN));
    assertThat(Simplification.of(new And(List.of(UNKNOWN, FALSE)))).isEqualTo(FALSE);
  }
}
