package dev.millrace.server.filter;

import dev.millrace.server.filter.DerivedCollation.Strength;
import dev.millrace.server.filter.Expression.And;
import dev.millrace.server.filter.Expression.ArrayConstructor;
import dev.millrace.server.filter.Expression.BooleanTest;
import dev.millrace.server.filter.Expression.Branch;
import dev.millrace.server.filter.Expression.Call;
import dev.millrace.server.filter.Expression.Case;
import dev.millrace.server.filter.Expression.Cast;
import dev.millrace.server.filter.Expression.Coalesce;
import dev.millrace.server.filter.Expression.Collate;
import dev.millrace.server.filter.Expression.Constant;
import dev.millrace.server.filter.Expression.DistinctTest;
import dev.millrace.server.filter.Expression.Extreme;
import dev.millrace.server.filter.Expression.Not;
import dev.millrace.server.filter.Expression.NullIf;
import dev.millrace.server.filter.Expression.NullTest;
import dev.millrace.server.filter.Expression.Operation;
import dev.millrace.server.filter.Expression.Or;
import dev.millrace.server.filter.Expression.RowComparison;
import dev.millrace.server.filter.Expression.ScalarArray;
import dev.millrace.server.filter.Expression.Subscript;
import dev.millrace.server.filter.Expression.Unknown;
import dev.millrace.server.filter.FilterCompiler.Library;
import dev.millrace.server.filter.value.ArrayValue;
import dev.millrace.server.filter.value.CallSite;
import dev.millrace.server.filter.value.Casts;
import dev.millrace.server.filter.value.Collation;
import dev.millrace.server.filter.value.EvaluationException;
import dev.millrace.server.filter.value.Functions;
import dev.millrace.server.filter.value.Order;
import dev.millrace.server.filter.value.Routine;
import dev.millrace.server.filter.value.TextForm;
import dev.millrace.server.filter.value.Type;
import dev.millrace.server.postgres.Column;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives an expression types and makes it something that can be evaluated, or says that it cannot be
 * done exactly. One expression; one thread.
 */
final class TermCompiler {

  private final TypeCatalog catalog;
  private final Library library;
  private final List<Column> table;
  private final Map<Integer, Integer> columnCollations;

  /** How often a column was met so far. */
  private int reads;

  TermCompiler(
      TypeCatalog catalog,
      Library library,
      List<Column> table,
      Map<Integer, Integer> columnCollations) {
    this.catalog = catalog;
    this.library = library;
    this.table = table;
    this.columnCollations = columnCollations;
  }

  /** An expression that is true or false. */
  Term condition(Expression expression) throws Unsupported {
    return require(Type.BOOL, term(expression));
  }

  private static Term require(Type type, Term term) throws Unsupported {
    if (!term.type().equals(type)) {
      throw new Unsupported(term.type() + " instead of " + type);
    }
    return term;
  }

  /** What reads no column is computed now, as Postgres does when it plans. */
  private Term term(Expression expression) throws Unsupported {
    int before = reads;
    Term term = plain(expression);
    // Comparisons of rows are left as they are, there too.
    boolean isFolded = reads == before && !(expression instanceof RowComparison);
    return isFolded && !term.isConstant() ? folded(term) : term;
  }

  private static Term folded(Term term) throws Unsupported {
    try {
      return Term.constant(term.type(), term.collation(), term.evaluator().value(new FilterRow()));
    } catch (EvaluationException e) {
      // Postgres decides whether an error in a constant is one for every row.
      throw new Unsupported(String.valueOf(e.getMessage()));
    }
  }

  private Term plain(Expression expression) throws Unsupported {
    return switch (expression) {
      case Expression.Column column -> column(column);
      case Constant constant -> constant(constant);
      case Cast cast -> cast(cast);
      case Operation operation -> call(operation.operator(), operation.operands(), false);
      case Call call -> call(call.function(), call.arguments(), call.hidesCasts());
      case And and -> Logic.and(conditions(and.operands()));
      case Or or -> Logic.or(conditions(or.operands()));
      case Not not -> Logic.not(condition(not.operand()));
      case NullTest test -> nullTest(test);
      case BooleanTest test ->
          Logic.test(condition(test.operand()), test.wanted(), test.isNegated());
      case DistinctTest test -> distinct(test);
      case ScalarArray scalarArray -> scalarArray(scalarArray);
      case Case choice -> choice(choice);
      case Coalesce coalesce -> coalesce(coalesce);
      case NullIf nullIf -> nullIf(nullIf);
      case Extreme extreme -> extreme(extreme);
      case ArrayConstructor constructor -> array(constructor);
      case Subscript subscript -> subscript(subscript);
      case Collate collate -> collate(collate);
      case RowComparison comparison -> rows(comparison);
      case Unknown unknown -> throw new Unsupported(unknown.sql());
    };
  }

  private List<Term> terms(List<Expression> expressions) throws Unsupported {
    List<Term> terms = new ArrayList<>();
    for (Expression expression : expressions) {
      terms.add(term(expression));
    }
    return terms;
  }

  private List<Term> conditions(List<Expression> expressions) throws Unsupported {
    List<Term> terms = new ArrayList<>();
    for (Expression expression : expressions) {
      terms.add(condition(expression));
    }
    return terms;
  }

  private Column readable(int index) throws Unsupported {
    reads++;
    Column column = table.get(index);
    if (!column.isStreamed()) {
      throw new Unsupported(column.name());
    }
    return column;
  }

  private Term column(Expression.Column expression) throws Unsupported {
    Column column = readable(expression.index());
    int index = expression.index();
    Type type = catalog.type(column.typeOid()).orElseThrow(() -> new Unsupported(column.type()));
    int collation = columnCollations.getOrDefault(column.number(), 0);
    DerivedCollation derived =
        collation == 0 ? DerivedCollation.NONE : new DerivedCollation(collation, Strength.IMPLICIT);
    return new Term(type, derived, row -> row.value(index, type), false, null, index);
  }

  private Type type(TypeName name) throws Unsupported {
    return catalog.type(name).orElseThrow(() -> new Unsupported(name.sql()));
  }

  private static DerivedCollation defaultCollation(Type type) {
    if (type.kind() == Type.Kind.NAME) {
      return DerivedCollation.C;
    }
    return type.isCollatable() ? DerivedCollation.DEFAULT : DerivedCollation.NONE;
  }

  private Term constant(Constant constant) throws Unsupported {
    String text = constant.text();
    if (constant.type().equals(CanonicalParser.UNKNOWN)) {
      return Term.constant(Type.TEXT, DerivedCollation.NONE, text);
    }
    Type type = type(constant.type());
    Object value = text == null ? null : TextForm.parse(type, text);
    return Term.constant(type, defaultCollation(type), value);
  }

  private Term cast(Cast cast) throws Unsupported {
    Type to = type(cast.type());
    if (cast.operand() instanceof ArrayConstructor empty && empty.elements().isEmpty()) {
      return Term.constant(to, defaultCollation(to), ArrayValue.of());
    }
    Term operand = term(cast.operand());
    List<Integer> modifiers = cast.type().modifiers();
    DerivedCollation collation = castCollation(operand, to);
    if (Casts.isSame(operand.type(), to, modifiers)) {
      return operand.as(to).with(collation);
    }
    Routine routine =
        library
            .casts()
            .find(operand.type(), to, modifiers)
            .orElseThrow(() -> new Unsupported(operand.type() + " to " + to));
    return applied(to, collation, true, routine, List.of(operand));
  }

  private static DerivedCollation castCollation(Term operand, Type to) {
    if (!to.isCollatable()) {
      return DerivedCollation.NONE;
    }
    return operand.type().isCollatable() ? operand.collation() : defaultCollation(to);
  }

  private Collation collation(List<Term> operands) throws Unsupported {
    DerivedCollation derived = DerivedCollation.of(Term.each(operands, Term::collation));
    return switch (derived.strength()) {
      case NONE -> Collation.NONE;
      case CONFLICT -> throw new Unsupported("collations disagree");
      case IMPLICIT, EXPLICIT -> catalog.collation(derived.oid());
    };
  }

  private Functions.Resolved resolve(String name, List<Term> operands) throws Unsupported {
    List<@Nullable Object> constants = new ArrayList<>();
    operands.forEach(operand -> constants.add(operand.constant()));
    CallSite site = new CallSite(Term.each(operands, Term::type), constants, collation(operands));
    return library
        .functions()
        .resolve(name, site)
        .orElseThrow(() -> new Unsupported(name + site.types()));
  }

  private Term call(String name, List<Expression> arguments, boolean hidesCasts)
      throws Unsupported {
    List<Term> operands = terms(arguments);
    if (hidesCasts && !library.functions().has(name, Term.each(operands, Term::type))) {
      operands = relabelled(operands);
    }
    Functions.Resolved function = resolve(name, operands);
    Term quick = Shortcuts.find(name, operands, collation(operands));
    if (quick != null) {
      return quick;
    }
    DerivedCollation collation =
        function.result().isCollatable()
            ? DerivedCollation.of(Term.each(operands, Term::collation))
            : DerivedCollation.NONE;
    if (function.result().isCollatable() && collation.strength() == Strength.NONE) {
      collation = defaultCollation(function.result());
    }
    return applied(function.result(), collation, function.isStrict(), function.routine(), operands);
  }

  /** With the one implicit cast that is surely there where casts do not show. */
  private static List<Term> relabelled(List<Term> operands) {
    return operands.stream()
        .map(term -> term.type().equals(Type.VARCHAR) ? term.as(Type.TEXT) : term)
        .toList();
  }

  /** A routine on operands, computed now if they are constants. */
  private static Term applied(
      Type type, DerivedCollation collation, boolean isStrict, Routine routine, List<Term> operands)
      throws Unsupported {
    if (isStrict && operands.stream().anyMatch(Term::isNull)) {
      return Term.constant(type, collation, null); // without a look at the others, as in Postgres
    }
    if (operands.stream().allMatch(Term::isConstant)) {
      return Term.constant(type, collation, computed(routine, operands));
    }
    Evaluator[] evaluators = evaluators(operands);
    return Term.computed(type, collation, row -> apply(routine, isStrict, evaluators, row));
  }

  private static @Nullable Object computed(Routine routine, List<Term> operands)
      throws Unsupported {
    try {
      List<@Nullable Object> values = new ArrayList<>();
      operands.forEach(operand -> values.add(operand.constant()));
      return routine.apply(values.toArray());
    } catch (EvaluationException e) {
      // Postgres decides whether an error in a constant is one for every row.
      throw new Unsupported(String.valueOf(e.getMessage()));
    }
  }

  private static Evaluator[] evaluators(List<Term> terms) {
    return Term.each(terms, Term::evaluator).toArray(new Evaluator[0]);
  }

  private static @Nullable Object apply(
      Routine routine, boolean isStrict, Evaluator[] operands, FilterRow row) {
    @Nullable Object[] values = new Object[operands.length];
    boolean hasNull = false;
    for (int i = 0; i < values.length; i++) {
      values[i] = operands[i].value(row);
      hasNull |= values[i] == null;
    }
    return hasNull && isStrict ? null : routine.apply(values);
  }

  private Term nullTest(NullTest test) throws Unsupported {
    boolean isNegated = test.isNegated();
    if (test.operand() instanceof Expression.Column column) {
      int index = column.index();
      if (catalog.isComposite(readable(index).typeOid())) {
        throw new Unsupported("a composite value");
      }
      return Term.bool(row -> row.isNull(index) != isNegated);
    }
    Term tested = term(test.operand());
    if (tested.isConstant()) {
      return Term.constant(Type.BOOL, DerivedCollation.NONE, tested.isNull() != isNegated);
    }
    Evaluator operand = tested.evaluator();
    return Term.bool(row -> (operand.value(row) == null) != isNegated);
  }

  private Term distinct(DistinctTest test) throws Unsupported {
    List<Term> operands = terms(List.of(test.left(), test.right()));
    Routine equal = resolve("=", operands).routine();
    Evaluator left = operands.get(0).evaluator();
    Evaluator right = operands.get(1).evaluator();
    return Term.bool(row -> {
      Object a = left.value(row);
      Object b = right.value(row);
      if (a == null || b == null) {
        return a != null || b != null;
      }
      return !Boolean.TRUE.equals(equal.apply(new Object[] {a, b}));
    });
  }

  private Term scalarArray(ScalarArray expression) throws Unsupported {
    Term left = term(expression.left());
    Term array = term(expression.array());
    if (!array.type().isArray()) {
      throw new Unsupported(expression.operator() + " ANY " + array.type());
    }
    Term element = Term.computed(array.type().element(), array.collation(), row -> null);
    Functions.Resolved function = resolve(expression.operator(), List.of(left, element));
    require(Type.BOOL, Term.computed(function.result(), DerivedCollation.NONE, row -> null));
    Term quick = Shortcuts.membership(expression, left, array);
    return quick != null
        ? quick
        : Arrays.quantified(left, array, function.routine(), expression.isAny());
  }

  /** What several operands have in common: their type and the collation that comes of them. */
  private Term common(List<Term> operands, Evaluator evaluator) throws Unsupported {
    Type type = operands.getFirst().type();
    for (Term operand : operands) {
      require(type, operand);
    }
    return Term.computed(
        type, DerivedCollation.of(Term.each(operands, Term::collation)), evaluator);
  }

  /** Branches that are decided by constants are so before there are rows, as in Postgres. */
  private Term choice(Case choice) throws Unsupported {
    Term operand = choice.operand() == null ? null : term(choice.operand());
    List<Term> conditions = new ArrayList<>();
    List<Term> results = new ArrayList<>();
    List<Routine> comparisons = new ArrayList<>();
    List<Term> all = new ArrayList<>();
    Term otherwise = choice.otherwise() == null ? null : term(choice.otherwise());
    boolean isDecided = false;
    for (Branch branch : choice.branches()) {
      Term result = term(branch.result());
      all.add(result);
      Term condition = operand == null ? condition(branch.condition()) : term(branch.condition());
      Routine comparison =
          operand == null ? null : resolve("=", relabelledPair(operand, condition)).routine();
      if (isDecided || isNever(operand, condition, comparison)) {
        continue;
      }
      if (condition.isConstant() && (operand == null || operand.isConstant())) {
        otherwise = result;
        isDecided = true;
        continue;
      }
      conditions.add(condition);
      results.add(result);
      if (comparison != null) {
        comparisons.add(comparison);
      }
    }
    if (otherwise != null) {
      all.add(otherwise);
      results.add(otherwise);
    }
    Evaluator evaluator =
        operand == null
            ? Logic.firstTrue(evaluators(conditions), evaluators(results))
            : Logic.firstEqual(
                operand.evaluator(),
                evaluators(conditions),
                comparisons.toArray(new Routine[0]),
                evaluators(results));
    Term whole = common(all, evaluator);
    if (!conditions.isEmpty()) {
      return whole;
    }
    return otherwise == null
        ? Term.constant(whole.type(), whole.collation(), null)
        : otherwise.with(whole.collation());
  }

  /** Whether constants keep a branch from being taken. */
  private static boolean isNever(
      @Nullable Term operand, Term condition, @Nullable Routine comparison) throws Unsupported {
    if (operand == null || comparison == null) {
      return condition.isConstant() && !Boolean.TRUE.equals(condition.constant());
    }
    if (operand.isNull() || condition.isNull()) {
      return true;
    }
    return operand.isConstant()
        && condition.isConstant()
        && !Boolean.TRUE.equals(computed(comparison, List.of(operand, condition)));
  }

  /** The operand of a simple CASE is printed without the cast that its comparison may need. */
  private List<Term> relabelledPair(Term operand, Term wanted) {
    List<Term> pair = List.of(operand, wanted);
    return library.functions().has("=", Term.each(pair, Term::type)) ? pair : relabelled(pair);
  }

  private Term coalesce(Coalesce coalesce) throws Unsupported {
    List<Term> operands = terms(coalesce.operands());
    Evaluator[] evaluators = evaluators(operands);
    Term first = operands.stream().filter(operand -> !operand.isNull()).findFirst().orElse(null);
    if (first != null && first.isConstant()) {
      Term whole = common(operands, first.evaluator());
      return Term.constant(whole.type(), whole.collation(), first.constant());
    }
    return common(
        operands,
        row -> {
          for (Evaluator evaluator : evaluators) {
            Object value = evaluator.value(row);
            if (value != null) {
              return value;
            }
          }
          return null;
        });
  }

  private Term nullIf(NullIf nullIf) throws Unsupported {
    List<Term> operands = terms(List.of(nullIf.left(), nullIf.right()));
    Routine equal = resolve("=", operands).routine();
    Evaluator left = operands.get(0).evaluator();
    Evaluator right = operands.get(1).evaluator();
    return Term.computed(
        operands.getFirst().type(),
        DerivedCollation.of(Term.each(operands, Term::collation)),
        row -> {
          Object a = left.value(row);
          Object b = right.value(row);
          boolean isEqual =
              a != null && b != null && Boolean.TRUE.equals(equal.apply(new Object[] {a, b}));
          return isEqual ? null : a;
        });
  }

  /** The order of values of a type under a collation, if we know it. */
  private Comparator<Object> order(Type type, List<Term> operands) throws Unsupported {
    Collation collation = collation(operands);
    boolean isKnown =
        Order.isKnown(type) && collation.isDeterministic() && collation.isByCodePoint();
    if (!isKnown) {
      throw new Unsupported("the order of " + type);
    }
    return Order.of(type);
  }

  private Term extreme(Extreme extreme) throws Unsupported {
    List<Term> operands = terms(extreme.operands());
    Comparator<Object> ascending = order(operands.getFirst().type(), operands);
    Comparator<Object> order = extreme.isGreatest() ? ascending : (a, b) -> ascending.compare(b, a);
    Evaluator[] evaluators = evaluators(operands);
    return common(
        operands,
        row -> {
          Object best = null;
          for (Evaluator evaluator : evaluators) {
            Object value = evaluator.value(row);
            if (value != null && (best == null || order.compare(value, best) > 0)) {
              best = value;
            }
          }
          return best;
        });
  }

  private Term array(ArrayConstructor constructor) throws Unsupported {
    if (constructor.elements().isEmpty()) {
      throw new Unsupported("an empty array without a type");
    }
    List<Term> elements = terms(constructor.elements());
    Type type = elements.getFirst().type();
    boolean isNested = type.isArray();
    Routine routine = isNested ? ArrayValue::nested : ArrayValue::of;
    DerivedCollation collation = common(elements, row -> null).collation();
    return applied(isNested ? type : Type.arrayOf(type), collation, false, routine, elements);
  }

  private Term subscript(Subscript subscript) throws Unsupported {
    Term array = term(subscript.array());
    if (!array.type().isArray()) {
      throw new Unsupported("a subscript of " + array.type());
    }
    List<Evaluator> from = new ArrayList<>();
    List<Evaluator> to = new ArrayList<>();
    for (Expression.Place place : subscript.places()) {
      from.add(place(place.from(), Long.MIN_VALUE));
      to.add(place(place.to(), Long.MAX_VALUE));
    }
    return subscript.isSlice()
        ? Arrays.slice(array, from.toArray(new Evaluator[0]), to.toArray(new Evaluator[0]))
        : Arrays.element(array, to.toArray(new Evaluator[0]));
  }

  private Evaluator place(@Nullable Expression expression, Long absent) throws Unsupported {
    if (expression == null) {
      return row -> absent;
    }
    Term place = term(expression);
    if (!place.type().isInteger() || place.type().equals(Type.INT8)) {
      throw new Unsupported("a subscript of type " + place.type());
    }
    return place.evaluator();
  }

  private Term collate(Collate collate) throws Unsupported {
    int oid =
        catalog
            .collationNamed(collate.collation())
            .orElseThrow(() -> new Unsupported(collate.collation()));
    return term(collate.operand()).with(new DerivedCollation(oid, Strength.EXPLICIT));
  }

  private Term rows(RowComparison comparison) throws Unsupported {
    List<Comparator<Object>> orders = new ArrayList<>();
    List<Term> left = terms(comparison.left());
    List<Term> right = terms(comparison.right());
    for (int i = 0; i < left.size(); i++) {
      require(left.get(i).type(), right.get(i));
      orders.add(order(left.get(i).type(), List.of(left.get(i), right.get(i))));
    }
    return Logic.rows(comparison.operator(), evaluators(left), evaluators(right), orders);
  }
}
