const a = <div className="a" {...b} c={d}>text &amp; {e} <b.c d /> <></> {/* nothing */}</div>;
const f = <T,>(x: T) => <T>x</T>, g = <T extends {}>(x: T) => x < y;
const h = a < b ? <a:b c-d='e' /> : <A<B> c={1} />;
