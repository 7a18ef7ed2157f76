; No overflow: every product of the split fits 192 bits and every quotient 128, over the full range of the code's types. Bit vectors.
(set-logic QF_BV)
(declare-const fee (_ BitVec 128))
(declare-const share (_ BitVec 32))
(define-fun wide ((x (_ BitVec 128))) (_ BitVec 192) ((_ zero_extend 64) x))
(define-fun million () (_ BitVec 192) (_ bv1000000 192))
(define-fun product () (_ BitVec 192) (bvmul (wide fee) ((_ zero_extend 160) share)))
(assert (bvule ((_ zero_extend 160) share) million))

; Theorem: the product with a share keeps its high word below 2^20, so 192 bits are enough with room to spare.
(push)
(assert (not (= ((_ extract 191 148) product) (_ bv0 44))))
(check-sat) ; expect: unsat
(pop)
; Control: 128 bits are not enough.
(push)
(assert (not (= ((_ extract 191 128) product) (_ bv0 64))))
(check-sat) ; expect: sat
(pop)
