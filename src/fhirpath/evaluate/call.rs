//! Functions that are no operation of their own.

use super::convert::conversion;
use super::truth::done;
use super::*;

impl<'a> Env<'_, 'a> {
    pub(super) fn call(
        &self,
        op: &'a Op,
        function: Function,
        base: &'a Op,
        arguments: &'a [Op],
        frame: Frame<'_, 'a>,
        sink: Sink<'_, 'a>,
    ) -> Run {
        use Function::*;
        if let Some((to, asks)) = conversion(function) {
            return self.conversion(to, asks, base, arguments, frame, sink);
        }
        match function {
            AllTrue | AnyTrue | AllFalse | AnyFalse => self.booleans(op, function, base, frame, sink),
            First | Last | Tail | Skip | Take | Single => self.part(function, base, arguments, frame, sink),
            Distinct | IsDistinct | Combine | Union | Intersect | Exclude | SubsetOf | SupersetOf => {
                self.set(function, base, arguments, frame, sink)
            }
            IndexOf | Substring | StartsWith | EndsWith | Contains | Upper | Lower | Replace | Matches
            | ReplaceMatches | Length | ToChars | Trim | Split | Join | LastIndexOf | MatchesFull => {
                self.string(op, function, base, arguments, frame, sink)
            }
            Abs | Ceiling | Exp | Floor | Ln | Log | Power | Round | Sqrt | Truncate | LowBoundary | HighBoundary
            | Precision => self.math(op, function, base, arguments, frame)?.map_or(Ok(()), sink),
            Children => self.each(base, frame, &mut |item| match item {
                Item::Node(node) => self.children(node, &mut |child| sink(Item::Node(child))),
                _ => Ok(()),
            }),
            Descendants => self.each(base, frame, &mut |item| match item {
                Item::Node(node) => self.descendants(node, 0, &mut |child| sink(Item::Node(child))),
                _ => Ok(()),
            }),
            Now | Today | TimeOfDay => {
                let Some(clock) = self.context.now else { return fail(op, EvalErrorKind::NoClock) };
                let now = dates::now(clock);
                sink(Item::Moment(match function {
                    Today => dates::date_of(now),
                    TimeOfDay => dates::time_of(now),
                    _ => now,
                }))
            }
            Type => self.each(base, frame, &mut |item| {
                let name = self.types.name(item.type_id());
                if name.is_empty() { Ok(()) } else { sink(Item::Text(Cow::Borrowed(name))) }
            }),
            Extension | HasValue | GetValue | Resolve | MemberOf | Subsumes | SubsumedBy | ConformsTo | Slice
            | CheckModifiers | HtmlChecks | Comparable => self.fhir(op, function, base, arguments, frame, sink),
            // The compiler makes operations of these.
            Empty | Exists | All | Count | Not | Where | Select | Repeat | OfType | Iif | Trace | Aggregate | Is
            | As | HasExtension | ToBoolean | ConvertsToBoolean | ToInteger | ConvertsToInteger | ToDate
            | ConvertsToDate | ToDateTime | ConvertsToDateTime | ToDecimal | ConvertsToDecimal | ToQuantity
            | ConvertsToQuantity | ToText | ConvertsToText | ToTime | ConvertsToTime => {
                fail(op, EvalErrorKind::NotSupported)
            }
        }
    }

    fn conversion(
        &self,
        to: Function,
        asks: bool,
        base: &'a Op,
        arguments: &'a [Op],
        frame: Frame<'_, 'a>,
        sink: Sink<'_, 'a>,
    ) -> Run {
        let Some(item) = self.single(base, frame)? else { return Ok(()) };
        let mut converted = self.convert(to, item);
        if let (Some(Item::Quantity(quantity)), Some(unit)) = (&converted, arguments.first()) {
            let Some(unit) = self.text(unit, frame)? else { return Ok(()) };
            converted = quantity.in_unit(&unit).map(|quantity| Item::Quantity(Box::new(quantity)));
        }
        match converted {
            converted if asks => sink(Item::Boolean(converted.is_some())),
            Some(item) => sink(item),
            None => Ok(()),
        }
    }

    /// `allTrue()` and its kin.
    fn booleans(&self, op: &'a Op, function: Function, base: &'a Op, frame: Frame<'_, 'a>, sink: Sink<'_, 'a>) -> Run {
        let any = matches!(function, Function::AnyTrue | Function::AnyFalse);
        let wanted = matches!(function, Function::AllTrue | Function::AnyTrue);
        let mut result = !any;
        let run = self.each(base, frame, &mut |item| {
            let Item::Boolean(value) = item.system(self.types) else { return fail(op, EvalErrorKind::WrongType) };
            if (value == wanted) == any {
                result = any;
                return Err(Stop::Done);
            }
            Ok(())
        });
        done(run)?;
        sink(Item::Boolean(result))
    }

    /// Parts of a collection by position.
    fn part(
        &self,
        function: Function,
        base: &'a Op,
        arguments: &'a [Op],
        frame: Frame<'_, 'a>,
        sink: Sink<'_, 'a>,
    ) -> Run {
        let number = match arguments.first() {
            None => 1,
            Some(argument) => match self.value(argument, frame)? {
                Some(Item::Integer(number)) => number,
                None => return Ok(()),
                Some(_) => return fail(argument, EvalErrorKind::WrongType),
            },
        };
        match function {
            Function::First => {
                let mut first = None;
                self.until(base, frame, &mut |item| {
                    first = Some(item);
                    Err(Stop::Done)
                })?;
                first.map_or(Ok(()), sink)
            }
            Function::Single => self.single(base, frame)?.map_or(Ok(()), sink),
            Function::Last => {
                let mut last = None;
                self.each(base, frame, &mut |item| {
                    last = Some(item);
                    Ok(())
                })?;
                last.map_or(Ok(()), sink)
            }
            Function::Take => {
                let mut taken = Collection::new();
                if number > 0 {
                    self.until(base, frame, &mut |item| {
                        taken.push(item);
                        if taken.len() as i64 >= number { Err(Stop::Done) } else { self.tick() }
                    })?;
                }
                taken.into_iter().try_for_each(sink)
            }
            _ => self.each_indexed(base, frame, &mut |item, index| if index >= number { sink(item) } else { Ok(()) }),
        }
    }

    fn set(
        &self,
        function: Function,
        base: &'a Op,
        arguments: &'a [Op],
        frame: Frame<'_, 'a>,
        sink: Sink<'_, 'a>,
    ) -> Run {
        let mut seen = Seen::default();
        match function {
            Function::Distinct => {
                self.each(base, frame, &mut |item| if self.is_new(&mut seen, &item)? { sink(item) } else { Ok(()) })
            }
            Function::IsDistinct => {
                let mut distinct = true;
                let run = self.each(base, frame, &mut |item| {
                    distinct = self.is_new(&mut seen, &item)?;
                    if distinct { Ok(()) } else { Err(Stop::Done) }
                });
                done(run)?;
                sink(Item::Boolean(distinct))
            }
            Function::Combine => [base, &arguments[0]].into_iter().try_for_each(|op| self.each(op, frame, sink)),
            Function::Union => [base, &arguments[0]].into_iter().try_for_each(|op| {
                self.each(op, frame, &mut |item| if self.is_new(&mut seen, &item)? { sink(item) } else { Ok(()) })
            }),
            Function::Intersect => self.each(base, frame, &mut |item| {
                let common = self.contains(&arguments[0], &item, frame)?;
                if common && self.is_new(&mut seen, &item)? { sink(item) } else { Ok(()) }
            }),
            Function::Exclude => self.each(base, frame, &mut |item| {
                if self.contains(&arguments[0], &item, frame)? { Ok(()) } else { sink(item) }
            }),
            _ => {
                let (part, whole) =
                    if function == Function::SubsetOf { (base, &arguments[0]) } else { (&arguments[0], base) };
                let mut subset = true;
                let run = self.each(part, frame, &mut |item| {
                    subset = self.contains(whole, &item, frame)?;
                    if subset { Ok(()) } else { Err(Stop::Done) }
                });
                done(run)?;
                sink(Item::Boolean(subset))
            }
        }
    }
}
