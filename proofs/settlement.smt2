; The split of a fee conserves it and no part is negative. Integers of any size; the code's are below 2^128.
; x = floor(n / m) enters as m*x <= n < m*(x + 1). Products of two unknowns enter as unknowns with the facts used of them, so that the
; arithmetic is linear and the answers are decisions.
(set-logic QF_LIA)
(define-fun million () Int 1000000)
(declare-const fee Int)
(declare-const a Int)   ; audit share in millionths
(declare-const b Int)   ; protocol share in millionths
(declare-const fa Int)  ; fee * a
(declare-const fb Int)  ; fee * b
(declare-const audit Int)
(declare-const kept Int)
(assert (and (>= fee 0) (>= a 0) (>= b 0) (>= fa 0) (>= fb 0)))
(define-fun floored ((x Int) (n Int)) Bool (and (<= (* million x) n) (< n (* million (+ x 1)))))
(assert (and (floored audit fa) (floored kept fb)))
(define-fun shares-fit () Bool (<= (+ fa fb) (* million fee))) ; fee * (a + b) <= fee * million, from a + b <= million and fee >= 0
(define-fun providers () Int (- fee audit kept))

; Theorem: what is left for the providers is not negative, and neither are the two pools.
(push)
(assert (and shares-fit (or (< providers 0) (< audit 0) (< kept 0))))
(check-sat) ; expect: unsat
(pop)
; Control: with shares above the whole it can be negative.
(push)
(assert (< providers 0))
(check-sat) ; expect: sat
(pop)

; The slices, for any number of them, by induction over x_i = floor(S * u_i / U), S the providers' part, U all units, u_i those of slice i.
; Invariant: U * paid <= S * units, with su = S * units and ux = U * paid as unknowns.
(declare-const ux Int)
(declare-const su Int)
(declare-const Ux Int)  ; U * x of the next slice
(declare-const Su Int)  ; S * u of the next slice
(push)
(assert (and (<= ux su) (<= Ux Su) (> (+ ux Ux) (+ su Su))))
(check-sat) ; expect: unsat
(pop)
; Control: rounding up instead of down (U*x >= S*u) breaks the invariant.
(push)
(assert (and (<= ux su) (>= Ux Su) (> (+ ux Ux) (+ su Su))))
(check-sat) ; expect: sat
(pop)

; Policies, for any number of slices, by induction: after each slice, payments + refund + residual = what was shared out, whether it is
; rejected or not, and nothing is negative.
(declare-const payments Int)
(declare-const refund Int)
(declare-const residual Int)
(declare-const shared Int)
(declare-const x Int)
(declare-const rejected Bool)
(define-fun payments2 () Int (+ payments (ite rejected 0 x)))
(define-fun refund2 () Int (+ refund (ite rejected x 0)))
(assert (and (>= x 0) (>= payments 0) (>= refund 0) (= (+ payments refund) shared)))
(push)
(assert (or (not (= (+ payments2 refund2) (+ shared x))) (< payments2 0) (< refund2 0)))
(check-sat) ; expect: unsat
(pop)
; Control: a rejected slice that is neither paid nor refunded loses money.
(push)
(assert (not (= (+ payments2 refund) (+ shared x))))
(check-sat) ; expect: sat
(pop)
